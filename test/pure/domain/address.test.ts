import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { refuseAddress } from '../../../src/domain/address.ts'

describe('an address that others give us', () => {
  it.each([
    'https://crm.example.com/hooks',
    'https://crm.example.com:8443/hooks?x=1',
    'https://8.8.8.8/',
    'https://[2606:4700::1111]/',
    'https://xn--80ak6aa92e.com/',
    'https://172.32.0.1/',
    'https://100.128.0.1/',
  ])('may be %s', (url) => {
    expect(refuseAddress(url, false)).toBeNull()
  })

  it.each([
    'https://localhost/',
    'https://LOCALHOST./',
    'https://crm.localhost/',
    'https://intranet/',
    'https://printer.local/',
    'https://metadata.google.internal/computeMetadata/v1/',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://0.0.0.0/',
    'https://10.1.2.3/',
    'https://172.16.0.1/',
    'https://172.31.255.255/',
    'https://192.168.1.1/',
    'https://100.64.0.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://198.18.0.1/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:8.8.8.8]/',
    'https://[64:ff9b::a9fe:a9fe]/',
    'https://[2002:7f00:1::]/',
    'https://[2001:db8::1]/',
    'https://[2001:0:1::]/',
    'https://[fe80::1]/',
    'https://[fc00::1]/',
    'https://[fd12:3456::1]/',
    'https://[fd00:ec2::254]/',
    'https://[ff02::1]/',
  ])('is never %s, unless the deployment is a local one', (url) => {
    expect(refuseAddress(url, false)).toBe('must be a public address')
    expect(refuseAddress(url, true)).toBeNull()
  })

  it.each([
    ['http://crm.example.com/', 'must begin with https://'],
    ['ftp://crm.example.com/', 'must begin with https://'],
    ['javascript:alert(1)', 'must begin with https://'],
    ['https://user:secret@crm.example.com/', 'must not carry a user name or password'],
    ['crm.example.com', 'must be an absolute address'],
    ['', 'must be an absolute address'],
    [`https://crm.example.com/${'x'.repeat(2_048)}`, 'must be at most 2048 characters long'],
  ])('is refused as %s because it %s', (url, why) => {
    expect(refuseAddress(url, false)).toBe(why)
  })

  it('may be plain http only in a local deployment, and never another scheme', () => {
    expect(refuseAddress('http://127.0.0.1:9000/crm', true)).toBeNull()
    expect(refuseAddress('file:///etc/passwd', true)).not.toBeNull()
  })

  it('is never in the private blocks, however its four bytes are spelled', () => {
    const inside = fc.constantFrom([10, 0], [127, 0], [192, 168], [169, 254], [172, 20])
    const byte = fc.nat(255)
    fc.assert(
      fc.property(inside, byte, byte, fc.nat(3), ([a = 0, b = 0], c, d, spelling) => {
        const hosts = [
          `${a}.${b}.${c}.${d}`,
          String(((a * 256 + b) * 256 + c) * 256 + d),
          `0x${a.toString(16)}.${b}.${c}.${d}`,
          `[::ffff:${a}.${b}.${c}.${d}]`,
        ]
        expect(refuseAddress(`https://${hosts[spelling]}/`, false)).toBe('must be a public address')
      }),
    )
  })

  it('never makes the judge throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl()), fc.boolean(), (text, local) => {
        expect(['string', 'object']).toContain(typeof refuseAddress(text, local))
      }),
    )
  })
})
