import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import {
  emptyFolder,
  endOrphan,
  makeFolder,
  stateFolder,
  takeFolder,
  writeJson,
} from '../../../scripts/local/folder.ts'
import { nameOf } from '../../../scripts/local/processes.ts'
import { localSecrets } from '../../../scripts/local/secrets.ts'

const place = mkdtempSync(path.join(os.tmpdir(), 'tollgate-folder-'))
const folderNamed = (name: string) => {
  const folder = stateFolder('/checkout', path.join(place, name))
  makeFolder(folder)
  return folder
}
afterEach(() => rmSync(place, { recursive: true, force: true }))

describe('the state folder', () => {
  it('lies in the checkout with dev.json beside it, or where it was asked for with dev.json inside', () => {
    expect(stateFolder('/checkout', null)).toMatchObject({
      root: '/checkout/.local/state',
      devFile: '/checkout/.local/dev.json',
    })
    expect(stateFolder('/checkout', '/elsewhere')).toMatchObject({ devFile: '/elsewhere/dev.json' })
  })

  it('loses what Tollgate wrote when it begins anew, and nothing else', () => {
    const folder = folderNamed('shared')
    for (const ours of [folder.devFile, folder.secrets, folder.seed, folder.running, folder.log]) {
      writeFileSync(ours, '{}')
    }
    for (const ours of [folder.runtime, folder.sink]) mkdirSync(path.join(ours, 'deep'), { recursive: true })
    writeFileSync(path.join(folder.root, 'holiday.jpg'), 'mine')
    emptyFolder(folder)
    expect(readdirSync(folder.root)).toEqual(['holiday.jpg'])
  })

  it('is refused to a second process while the first one lives, and given when that was killed', async () => {
    const folder = folderNamed('taken')
    writeJson(folder.running, { pid: 42, url: 'http://127.0.0.1:1', runtime: null })
    const script = path.resolve(import.meta.dirname, '../../../scripts/local/folder.ts')
    const take = `import { takeFolder, stateFolder } from ${JSON.stringify(script)}
      takeFolder(stateFolder('/', ${JSON.stringify(folder.root)})); console.log('taken'); setInterval(() => {}, 1000)`
    const first = spawn(process.execPath, ['--input-type=module', '-e', take])
    await once(first.stdout, 'data')
    expect(() => takeFolder(folder)).toThrow(/Another Tollgate \(process 42, http:\/\/127\.0\.0\.1:1\)/)
    first.kill('SIGKILL')
    await once(first, 'exit')
    expect(() => takeFolder(folder)).not.toThrow()
  })

  it('says so when a file stands in its place', () => {
    mkdirSync(place, { recursive: true })
    writeFileSync(path.join(place, 'file'), '')
    expect(() => makeFolder(stateFolder('/', path.join(place, 'file')))).toThrow(/can't be used/)
  })
})

describe('a runtime left behind by a killed start', () => {
  it('is ended when it is the very process that the folder names', async () => {
    const folder = folderNamed('orphan')
    const orphan = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    await once(orphan, 'spawn')
    writeJson(folder.running, { pid: 1, url: '', runtime: nameOf(orphan.pid ?? 0) })
    const ended = once(orphan, 'exit')
    await endOrphan(folder)
    expect(await ended).toEqual([null, 'SIGKILL'])
  })

  it('is left alone when its number belongs to somebody else by now', async () => {
    const folder = folderNamed('stranger')
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    await once(stranger, 'spawn')
    const { pid } = stranger
    writeJson(folder.running, { pid: 1, url: '', runtime: { pid, birth: 'long ago workerd' } })
    await endOrphan(folder)
    expect(nameOf(pid ?? 0)).not.toBeNull()
    stranger.kill('SIGKILL')
  })

  it('may be long gone', async () => {
    const folder = folderNamed('gone')
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    writeJson(folder.running, { pid: 1, url: '', runtime: { pid, birth: 'x' } })
    await expect(endOrphan(folder)).resolves.toBeUndefined()
  })
})

describe('the secrets of a local system', () => {
  it('are made once, differ from folder to folder, and are for their owner only', () => {
    const folder = folderNamed('secrets')
    const made = localSecrets(folder)
    expect(localSecrets(folder)).toEqual(made)
    expect(localSecrets(folderNamed('others'))).not.toEqual(made)
    expect(made.KEY_ENCRYPTION_KEYS).toMatch(/^k1:[A-Za-z0-9+/]{43}=$/)
    expect(spawnSync('ls', ['-l', folder.secrets]).stdout.toString()).toMatch(/^-rw-------/)
  })

  it('are not made anew over a state that older ones sealed', () => {
    const folder = folderNamed('lost')
    mkdirSync(folder.runtime)
    expect(() => localSecrets(folder)).toThrow(/is missing/)
    expect(existsSync(folder.secrets)).toBe(false)
  })
})
