// The description that the running gateway serves, and a public validator's word on what is answered under it.
import { describe, expect, inject, it } from 'vitest'
import { apiDocument } from '../../scripts/api/document.ts'
import { buildApp } from '../../src/http/app.ts'
import { expectDescribed } from './support/described.ts'
import { shopOf } from './support/shop.ts'

const dev = inject('dev')
const shop = shopOf(() => dev)

describe('the description of the API', () => {
  it('is served as the code makes it, to pages of any origin', async () => {
    const answer = await fetch(`${dev.url}/openapi.json`)
    expect(answer.headers.get('content-type')).toContain('application/json')
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('request-id')).toMatch(/^req_/)
    expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(apiDocument(buildApp()))))
  })

  it('is not sent again to who has it already', async () => {
    const first = await fetch(`${dev.url}/openapi.json`)
    await first.text()
    const again = await fetch(`${dev.url}/openapi.json`, {
      headers: { 'if-none-match': first.headers.get('etag') ?? '' },
    })
    expect(again.status).toBe(304)
  })

  it('is held against every answer: a field more, a field less or another status is noticed', async () => {
    const session = (await shop.open()).body as unknown as Record<string, unknown>
    const held = (status: number, body: object) => () =>
      expectDescribed(
        'POST',
        `${dev.url}/v1/payment-sessions`,
        status,
        'application/json',
        JSON.stringify(body),
      )
    const { amount: _, ...less } = session
    expect(held(201, session)).not.toThrow()
    expect(held(201, { ...session, surprise: 1 })).toThrow('additional properties')
    expect(held(201, less)).toThrow("required property 'amount'")
    expect(held(201, { ...session, amount: '12.50' })).toThrow('must be integer')
    expect(held(207, session)).toThrow('does not name')
  })
})

describe('the page of the reference', () => {
  it('loads its script and the description from the gateway, and may load nothing from elsewhere', async () => {
    const page = await fetch(`${dev.url}/docs`)
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/https?:|\*/)
    const text = await page.text()
    expect(text).toContain('"url":"/openapi.json"')
    const [, source = ''] = /<script [^>]*src="([^"]+)"/.exec(text) ?? []
    const script = await fetch(new URL(source, dev.url))
    expect(script.headers.get('content-type')).toContain('javascript')
    expect(await script.text()).toContain('createApiReference')
  })
})
