import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { groupsOf, refuseAddress } from '../../../src/domain/address.ts'

describe('an address that others give us', () => {
  it.each([
    'https://crm.example.com/hooks',
    'https://crm.example.com:8443/hooks?x=1',
    'https://8.8.8.8/',
    'https://[2606:4700::1111]/',
    'https://xn--80ak6aa92e.com/',
    'https://172.32.0.1/',
    'https://100.128.0.1/',
    'https://10.1.2.3.example.com/',
    'https://localhost.example.com/',
    'https://crm.mylan/',
    'https://example.com./',
  ])('may be %s', (url) => {
    expect(refuseAddress(url, false)).toBeNull()
  })

  it.each([
    'https://localhost/',
    'https://LOCALHOST./',
    'https://crm.localhost/',
    'https://intranet/',
    'https://printer/',
    'https://printer.local/',
    'https://printer.local./',
    'https://printer.local../',
    'https://crm.intranet/',
    'https://crm.lan/',
    'https://crm.home/',
    'https://crm.corp/',
    'https://crm.private/',
    'https://home.arpa/',
    'https://crm.home.arpa/',
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
    ['https://user@crm.example.com/', 'must not carry a user name or password'],
    ['https://:secret@crm.example.com/', 'must not carry a user name or password'],
    ['crm.example.com', 'must be an absolute address'],
    ['', 'must be an absolute address'],
    [`https://crm.example.com/${'x'.repeat(2_048)}`, 'must be at most 2048 characters long'],
  ])('is refused as %s because it %s', (url, why) => {
    expect(refuseAddress(url, false)).toBe(why)
  })

  it('may be 2048 characters long, and no more', () => {
    const address = 'https://crm.example.com/'.padEnd(2_048, 'x')
    expect(refuseAddress(address, false)).toBeNull()
    expect(refuseAddress(`${address}x`, false)).not.toBeNull()
  })

  it('may be plain http only in a local deployment, and never another scheme', () => {
    expect(refuseAddress('http://127.0.0.1:9000/crm', true)).toBeNull()
    expect(refuseAddress('file:///etc/passwd', true)).not.toBeNull()
  })

  it.each([
    ['this network', '0.0.0.0', '0.255.255.255', [null, '1.0.0.0']],
    ['private, 10/8', '10.0.0.0', '10.255.255.255', ['9.255.255.255', '11.0.0.0']],
    ['shared by carriers', '100.64.0.0', '100.127.255.255', ['100.63.255.255', '100.128.0.0']],
    ['the machine itself', '127.0.0.0', '127.255.255.255', ['126.255.255.255', '128.0.0.0']],
    ['link-local', '169.254.0.0', '169.254.255.255', ['169.253.255.255', '169.255.0.0']],
    ['private, 172.16/12', '172.16.0.0', '172.31.255.255', ['172.15.255.255', '172.32.0.0']],
    ['for protocols', '192.0.0.0', '192.0.0.255', ['191.255.255.255', '192.0.1.0']],
    ['for documents, 1', '192.0.2.0', '192.0.2.255', ['192.0.1.255', '192.0.3.0']],
    ['relays of 6to4', '192.88.99.0', '192.88.99.255', ['192.88.98.255', '192.88.100.0']],
    ['private, 192.168/16', '192.168.0.0', '192.168.255.255', ['192.167.255.255', '192.169.0.0']],
    ['for benchmarks', '198.18.0.0', '198.19.255.255', ['198.17.255.255', '198.20.0.0']],
    ['for documents, 2', '198.51.100.0', '198.51.100.255', ['198.51.99.255', '198.51.101.0']],
    ['for documents, 3', '203.0.113.0', '203.0.113.255', ['203.0.112.255', '203.0.114.0']],
    ['multicast and reserved', '224.0.0.0', '255.255.255.255', ['223.255.255.255', null]],
    ['all IPv6 below the global', '::', '1fff:ffff::', [null, '2000::']],
    ['tunnels and the like', '2001::', '2001:1ff:ffff::', [null, '2001:200::']],
    ['for documents, IPv6', '2001:db8::', '2001:db8:ffff::', ['2001:db7:ffff::', '2001:db9::']],
    ['6to4', '2002::', '2002:ffff::', ['2001:ffff::', '2003::']],
    ['for documents and beyond the global', '3fff::', 'ffff::', ['3ffe:ffff::', null]],
  ])('is never in the block %s, from %s to %s, and may be beside it', (_, first, last, beside) => {
    const at = (host: string) => refuseAddress(`https://${host.includes(':') ? `[${host}]` : host}/`, false)
    for (const host of [first, last]) expect(at(host), host).toBe('must be a public address')
    for (const host of beside) if (host !== null) expect(at(host), host).toBeNull()
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

describe('the groups of an IPv6 address', () => {
  it.each([
    ['1:2:3:4:5:6:7:8', [1, 2, 3, 4, 5, 6, 7, 8]],
    ['2001:db8::ff', [0x2001, 0xdb8, 0, 0, 0, 0, 0, 0xff]],
    ['::1', [0, 0, 0, 0, 0, 0, 0, 1]],
    ['fe80::', [0xfe80, 0, 0, 0, 0, 0, 0, 0]],
    ['1:2:3::6:7:8', [1, 2, 3, 0, 0, 6, 7, 8]],
    ['::', [0, 0, 0, 0, 0, 0, 0, 0]],
  ])('%s are eight', (host, groups) => {
    expect(groupsOf(host)).toEqual(groups)
  })
})
