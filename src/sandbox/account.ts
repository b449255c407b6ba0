/** How a shop proves itself to the sandbox, and how a checkout gets its reference. */
import { createHmac } from 'node:crypto'
import { nameOf } from '../crypto/hash.ts'

/**
 * The host under which the API answers. No request from the internet can bear it, since no zone has it: only a Worker that
 * holds the service binding can open checkouts here.
 */
export const API_ORIGIN = 'https://sandbox.internal'

/** The bearer token for an account, made from one of its secrets, so that the secret itself opens nothing twice. */
export function tokenOf(secret: string, account: string): string {
  return createHmac('sha256', secret).update(`sandbox-api:${account}`).digest('hex')
}

/** The checkout that this account makes under this key: a repeat meets the same books, even after a crash. */
export function referenceOf(account: string, key: string): string {
  return `sbx_${nameOf([account, key])}`
}

export const isReference = (text: string): boolean => /^sbx_[0-9a-z]{26}$/.test(text)
