// The page at `/` belongs to the local demo; a deployment has nothing there.
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { buildApp } from '../../src/http/app.ts'

const demo = 'http://127.0.0.1:9'
const visit = (settings: Record<string, string>) =>
  buildApp({ write: () => undefined }).request('http://gateway.example/', {}, { ...env, ...settings })

describe('the page at the root', () => {
  it('is not there in a deployment', async () => {
    const answer = await visit({ LOCAL: 'false' })
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({ code: 'not_found' })
  })

  it('leads a local visitor to the demo store, under a policy that runs no script', async () => {
    const answer = await visit({ LOCAL: 'true', DEMO_URL: demo })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
    const page = await answer.text()
    expect(page).toContain(`href="${demo}/"`)
    expect(page).toContain(`href="${demo}/crm/received"`)
  })

  it('says where the demo is when the gateway runs alone', async () => {
    const page = await (await visit({ LOCAL: 'true', DEMO_URL: '' })).text()
    expect(page).toContain('npm start')
    expect(page).not.toContain('Open the demo store')
  })
})
