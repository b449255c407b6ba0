// Starting: several at once, one too many, the wrong way, and anew.
import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { launch, outcomeOf, removeFolder, startSystem, stateFolder } from '../support/system.ts'

const folders: string[] = []
const freshFolder = () => {
  folders.push(stateFolder())
  return folders.at(-1) ?? ''
}
afterAll(() => folders.forEach(removeFolder))

it('runs two systems side by side from one checkout, and refuses a second one on the same folder or port', async () => {
  const [one, two] = await Promise.all([startSystem(freshFolder()), startSystem(freshFolder())])
  try {
    expect(one.dev.url).not.toBe(two.dev.url)
    expect(one.dev.merchant_id).not.toBe(two.dev.merchant_id)

    const sameFolder = await outcomeOf(launch('--port', '0', '--state', one.state))
    expect(sameFolder.code).toBe(1)
    expect(sameFolder.said).toContain(`Another Tollgate (process ${one.dev.pid}, ${one.dev.url}) is running`)

    const { port } = new URL(one.dev.url)
    const samePort = await outcomeOf(launch('--port', port, '--state', freshFolder()))
    expect(samePort.code).toBe(1)
    expect(samePort.said).toContain(`Port ${port} is taken`)

    expect((await fetch(`${one.dev.url}/healthz`)).status).toBe(200)
  } finally {
    await Promise.all([one.stop(), two.stop()])
  }
})

it('begins anew with --fresh, and touches nothing in the folder that is not its own', async () => {
  const folder = freshFolder()
  const mine = path.join(folder, 'holiday.txt')
  writeFileSync(mine, 'mine')
  const first = await startSystem(folder)
  const { merchant_id: before } = first.dev
  await first.stop()
  const second = await startSystem(folder, '--fresh')
  expect(second.dev.merchant_id).not.toBe(before)
  await second.stop()
  expect(existsSync(mine)).toBe(true)
})

it('says what it takes when it is asked for something else', async () => {
  const outcome = await outcomeOf(launch('--prot', '1'))
  expect(outcome.code).toBe(2)
  expect(outcome.said).toContain('Usage: npm start --')
})
