import { describe, expect, it } from 'vitest'
import { allowedReturnAddress, isSchemeAddress, originOf } from '../../../src/domain/return-address.ts'

const merchant = {
  allowedOrigins: ['https://shop.example', 'https://магазин.example', 'http://localhost:3000', 'no origin'],
  allowedReturnAddresses: ['shop-app://paid', 'javascript:alert(1)'],
}
const test = (address: string) => allowedReturnAddress(address, merchant, false)
const live = (address: string) => allowedReturnAddress(address, merchant, true)

describe('a return address', () => {
  it.each([
    'https://shop.example',
    'https://shop.example/thanks?order=1#top',
    'https://SHOP.example:443/thanks',
    'https://магазин.example/спасибо',
    'https://shop.example/mail:ani@shop.example',
    `https://shop.example/${'a'.repeat(2_027)}`,
    'https://xn--80aairftm.example/',
    'shop-app://paid',
  ])('is allowed in both modes when it is %s', (address) => {
    expect([test(address), live(address)]).toEqual([true, true])
  })

  it.each([
    'https://shop.example.evil.test/',
    'https://evil.test/https://shop.example/',
    'https://evil.test#https://shop.example',
    'https://sub.shop.example/',
    'https://shop.example:444/',
    'https://shop.example@evil.test/',
    'https://evil.test@shop.example/',
    'https://user:word@shop.example/',
    'https://@shop.example/',
    'https://:@shop.example/',
    'https:\\\\shop.example\\',
    'https://shop.example\\@evil.test/',
    'https://shop.example/\r\nset-cookie: a=b',
    'https://shop.example/\tx',
    ' https://shop.example/',
    'https://shop.example/\u0000',
    'http://shop.example/',
    '//shop.example/',
    '/thanks',
    '',
    'shop.example',
    'javascript:alert(1)',
    'data:text/html,hello',
    'blob:https://shop.example/1',
    'shop-app://paid/',
    'shop-app://paid?x=1',
    'SHOP-APP://paid',
    'other-app://paid',
    `https://shop.example/${'a'.repeat(2_028)}`,
  ])('is refused in both modes when it is %j', (address) => {
    expect([test(address), live(address)]).toEqual([false, false])
  })

  it.each([
    'http://localhost/',
    'http://localhost:5173/done',
    'http://app.localhost/',
    'http://127.0.0.1:8080/',
    'http://127.1/',
    'http://127.200.30.40/',
    'http://[::1]:3000/',
  ])('on this machine is allowed in test mode only: %s', (address) => {
    expect([test(address), live(address)]).toEqual([true, false])
  })

  it.each([
    'http://localhost.evil.test/',
    'http://evil-localhost/',
    'http://127.0.0.1.evil.test/',
    'http://128.0.0.1/',
    'http://0.0.0.0/',
    'http://[::2]/',
    'http://evil.test@localhost/',
    'https://localhost/',
    'ftp://localhost/',
  ])('that only looks like this machine is refused: %s', (address) => {
    expect(test(address)).toBe(false)
  })
})

describe('what a merchant may register', () => {
  it.each([
    ['https://shop.example', 'https://shop.example'],
    ['https://shop.example/', 'https://shop.example'],
    ['https://Shop.Example:443', 'https://shop.example'],
    ['https://shop.example:8443', 'https://shop.example:8443'],
    ['http://localhost:3000', 'http://localhost:3000'],
  ])('%s is the origin %s', (text, origin) => {
    expect(originOf(text)).toBe(origin)
  })

  it.each([
    'http://shop.example',
    'https://shop.example/path',
    'https://shop.example?',
    'https://shop.example/#',
    'https://u@shop.example',
    'https://*.shop.example/x',
    'null',
    '*',
    '',
    'shop.example',
    'ftp://shop.example',
    'ftp://localhost',
    'https://shop.example?x',
    'https://shop.example#x',
    'shop-app://paid',
  ])('%j is no origin', (text) => {
    expect(originOf(text)).toBeNull()
  })

  it.each([
    ['shop-app://paid', true],
    ['com.example.shop:/paid', true],
    ['https://shop.example/', false],
    ['JavaScript:alert(1)', false],
    ['data:,x', false],
    ['intent://x#Intent;end', false],
    ['shop app://paid', false],
    ['shop-app://pa id', false],
    ['shop-app://paid\\', false],
    [`shop-app://${'a'.repeat(2_037)}`, true],
    [`shop-app://${'a'.repeat(2_038)}`, false],
    ['paid', false],
  ])('%s as an address of an app: %s', (address, expected) => {
    expect(isSchemeAddress(address)).toBe(expected)
  })
})
