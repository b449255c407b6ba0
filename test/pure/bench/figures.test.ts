import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerIn, requestOf } from '../../../scripts/bench/connection.ts'
import { cpuOf, orderIn, percentile, rateOf, ratioOf, type Sample } from '../../../scripts/bench/figures.ts'
import { wrongIn } from '../../../scripts/bench/table.ts'

const sample = (done: number, seconds: number, more: Partial<Sample> = {}): Sample => ({
  ...{ done, seconds, latencies: [], cpuMs: null, wrong: {} },
  ...more,
})

describe('a percentile', () => {
  it('is the smallest value that so large a share of all is not above', () => {
    const hundred = Array.from({ length: 100 }, (_, n) => 100 - n)
    expect([0, 0.5, 0.95, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([1, 50, 95, 99, 100])
    expect(percentile([7], 0.99)).toBe(7)
    expect(percentile([10, 9], 0.5)).toBe(9)
    expect(percentile([], 0.5)).toBeNaN()
  })

  it('is one of the values, with enough of them at or below it and not one fewer would do', () => {
    const values = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 100 }), (all, percent) => {
        const found = percentile(all, percent / 100)
        expect(all).toContain(found)
        expect(all.filter((one) => one <= found).length * 100).toBeGreaterThanOrEqual(percent * all.length)
        expect(all.filter((one) => one < found).length * 100).toBeLessThan(percent * all.length)
      }),
    )
  })
})

describe('a ratio', () => {
  it('compares only windows of one round, and tells the spread between rounds', () => {
    // The machine was twice as slow in the second round: what counts is that both were.
    const floor = [sample(1_000, 1), sample(500, 1), sample(900, 1)]
    const gateway = [sample(1_600, 2), sample(350, 1), sample(540, 1)]
    expect(ratioOf(floor, gateway)).toEqual({ median: 0.7, least: 0.6, most: 0.8 })
  })

  it('leaves out a round in which the floor came to nothing', () => {
    expect(ratioOf([sample(0, 0), sample(10, 1)], [sample(5, 1), sample(5, 1)]).median).toBe(0.5)
    expect(rateOf(sample(0, 0))).toBe(0)
  })
})

describe('the CPU of one answer', () => {
  it('is that of all rounds together, so that a short round counts for little', () => {
    expect(cpuOf([sample(10, 1, { cpuMs: 100 }), sample(990, 1, { cpuMs: 900 })])).toBe(1)
  })

  it('is not known where the system does not tell, nor of no answers', () => {
    expect(cpuOf([sample(10, 1, { cpuMs: 100 }), sample(10, 1)])).toBeNull()
    expect(cpuOf([])).toBeNull()
  })
})

describe('windows', () => {
  it('run in turns: who was first in one round is second in the next', () => {
    const order = [0, 1, 2, 3].flatMap((round) => orderIn(round, ['floor', 'gateway']))
    expect(order.join(' ')).toBe('floor gateway gateway floor floor gateway gateway floor')
  })
})

describe('an answer that was wrong', () => {
  it('is told of each system by what it was', () => {
    const gateway = [sample(10, 1, { wrong: { '503': 2 } })]
    expect(wrongIn([{ measure: 'report', level: { callers: 16 }, floor: [sample(9, 1)], gateway }])).toEqual([
      'signed report, 16 at once: the gateway answered 503 2 times.',
    ])
  })
})

describe('the connection', () => {
  const whole = Buffer.from('HTTP/1.1 201 Created\r\nContent-Length: 7\r\n\r\n{"a":1}')
  const chunked = Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n')

  it('takes an answer for whole when its last byte is there, and not before', () => {
    for (const answer of [whole, chunked]) {
      for (let length = 0; length < answer.length; length++)
        expect(answerIn(answer.subarray(0, length))).toBeNull()
      expect(answerIn(answer)).not.toBeNull()
    }
    expect(answerIn(whole)).toEqual({ status: 201, body: '{"a":1}' })
  })

  it('takes an answer without a body for whole after its head', () => {
    expect(answerIn(Buffer.from('HTTP/1.1 204 No Content\r\n\r\n'))?.status).toBe(204)
  })

  it('sends bytes and not characters of a body as its length', () => {
    const text = requestOf(new URL('http://127.0.0.1:1'), 'POST', '/x', { a: 'b' }, 'դրամ').toString()
    expect(text).toBe('POST /x HTTP/1.1\r\nhost: 127.0.0.1:1\r\na: b\r\ncontent-length: 8\r\n\r\nդրամ')
  })
})
