import { describe, expect, it } from 'vitest'
import { readOptions, StartRefused } from '../../../scripts/local/options.ts'

describe('the command line of npm start', () => {
  it('has a port and a folder of its own when nothing is said', () => {
    expect(readOptions([])).toEqual({ port: 8787, state: null, fresh: false, help: false })
  })

  it('takes a port, a folder and the wish to begin empty', () => {
    const options = readOptions(['--port', '0', '--state', 'somewhere', '--fresh'])
    expect(options).toEqual({ port: 0, state: 'somewhere', fresh: true, help: false })
  })

  it.each([
    { args: ['--prot', '1'], says: "'--prot'" },
    { args: ['--port', 'abc'], says: '--port abc' },
    { args: ['--port', '65536'], says: '--port 65536' },
    { args: ['--port', '-1'], says: '--port' },
    { args: ['--port'], says: '--port' },
    { args: ['--state='], says: '--state' },
    { args: ['quickly'], says: "'quickly'" },
  ])('refuses $args with the mistake and the usage', ({ args, says }) => {
    expect(() => readOptions(args)).toThrow(StartRefused)
    expect(() => readOptions(args)).toThrow(says)
    expect(() => readOptions(args)).toThrow('Usage: npm start --')
  })
})
