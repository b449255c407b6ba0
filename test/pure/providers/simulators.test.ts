// What every simulator can be told over its port, as `npm start` offers it: how its reports travel, and for how many calls it fails.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { json, type Simulator, simulate, startSimulator } from '../../simulators/base.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A provider that reports what it is told, and the door that hears it; the first `lost` reports are not taken there. */
async function aProvider(lost = 0) {
  const arrived: string[] = []
  const door = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => arrived.push(chunk.toString()))
    request.on('end', () => response.writeHead(arrived.length > lost ? 200 : 503).end())
  }).listen(0, '127.0.0.1')
  await once(door, 'listening')
  const url = `http://127.0.0.1:${(door.address() as AddressInfo).port}/`
  const simulator: Simulator = simulate('tiny', {
    api: {
      'POST /tell': ({ text }) => {
        simulator.report({ url, headers: {}, body: text })
        return json(200, {})
      },
    },
    pages: {},
  })
  const { url: address, close } = await startSimulator(simulator)
  closing.push(close, () => door.close())
  const behave = async (mode: string, times?: number) => {
    const body = JSON.stringify({ mode, ...(times !== undefined && { times }) })
    return (await fetch(`${address}/_control`, { method: 'PUT', body })).status
  }
  const tell = (body: string) => fetch(`${address}/tell`, { method: 'POST', body })
  const hears = (bodies: string[]) => vi.waitFor(() => expect(arrived).toEqual(bodies), { timeout: 10_000 })
  return { behave, tell, hears }
}

it('it reports once, and once more where that was not taken', async () => {
  const { tell, hears } = await aProvider(1)
  await tell('paid')
  await hears(['paid', 'paid'])
})

it('it reports twice while it is to repeat itself, and nothing while it is to lose its reports', async () => {
  const { behave, tell, hears } = await aProvider()
  expect(await behave('loses_reports')).toBe(200)
  await tell('lost')
  await behave('repeats')
  await tell('repeated')
  await hears(['repeated', 'repeated'])
})

it('it fails for as many calls as it was told, and is well again', async () => {
  const { behave, tell, hears } = await aProvider()
  await behave('answers_503', 1)
  expect([(await tell('a')).status, (await tell('b')).status]).toEqual([503, 200])
  await behave('hangs_up', 1)
  await expect(tell('c')).rejects.toThrow()
  await behave('loses_answers', 1)
  await expect(tell('d')).rejects.toThrow()
  await hears(['b', 'd'])
})

it('it refuses to behave in a way that it does not know', async () => {
  const { behave } = await aProvider()
  expect(await behave('dances')).toBe(422)
})
