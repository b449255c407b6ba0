/**
 * API keys and operator tokens: `sk_test_…`, `pk_live_…`, `op_…`, with 256 random bits and a checksum behind them. The
 * checksum makes invented and mistyped keys cost no query; it is no secret. Only the SHA-256 of a key is ever stored.
 */

import { createHash } from 'node:crypto'
import { base32 } from '../domain/ids.ts'
import { sha256Hex } from './hash.ts'

export type KeyKind = 'secret' | 'publishable' | 'operator'

/** What a key's text says about itself. It is believed only after the key was found by its hash. */
export interface ReadKey {
  kind: KeyKind
  /** Null for operator tokens, whose text does not say. */
  livemode: boolean | null
  /** Under which the key is stored. */
  hash: string
}

const RANDOM = 32
const CHECKSUM = 3
/** 35 bytes are exactly 56 characters, so no two texts mean the same key. */
const LENGTH = ((RANDOM + CHECKSUM) * 8) / 5
const shape = new RegExp(
  `^(sk_test_|sk_live_|pk_test_|pk_live_|op_)([0-9abcdefghjkmnpqrstvwxyz]{${LENGTH}})$`,
)

const prefixOf = (kind: KeyKind, livemode: boolean) =>
  kind === 'operator' ? 'op_' : `${kind === 'secret' ? 'sk' : 'pk'}_${livemode ? 'live' : 'test'}_`

/** A new key from 32 random bytes. */
export function makeApiKey(kind: KeyKind, livemode: boolean, random: Uint8Array): string {
  if (random.length !== RANDOM) throw new RangeError('An API key is made from exactly 32 random bytes.')
  const prefix = prefixOf(kind, livemode)
  return prefix + spell(prefix, random)
}

/**
 * What the text says; null when it was never one of our keys. `isKnown` tells of a hash whether a key was found by it before:
 * then its checksum need not be reckoned again.
 */
export function readApiKey(text: string, isKnown = (_hash: string): boolean => false): ReadKey | null {
  const [, prefix, body] = shape.exec(text) ?? []
  if (!prefix || !body) return null
  const hash = hashOfKey(text)
  if (!isKnown(hash) && spell(prefix, bytesOf(body).subarray(0, RANDOM)) !== body) return null
  return {
    kind: prefix === 'op_' ? 'operator' : prefix.startsWith('sk') ? 'secret' : 'publishable',
    livemode: prefix === 'op_' ? null : prefix.endsWith('live_'),
    hash,
  }
}

/** The name under which a key is stored. A key has 256 random bits, so a plain hash cannot be guessed backwards. */
export function hashOfKey(text: string): string {
  return sha256Hex(text)
}

/** The prefix is part of the checksum, so a test key rewritten as a live one is no key. */
function spell(prefix: string, random: Uint8Array): string {
  const checksum = createHash('sha256').update(prefix).update(random).digest().subarray(0, CHECKSUM)
  return base32(new Uint8Array([...random, ...checksum]), LENGTH)
}

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

function bytesOf(text: string): Uint8Array {
  const bytes: number[] = []
  let held = 0
  let bits = 0
  for (const character of text) {
    held = ((held << 5) | alphabet.indexOf(character)) & 0xfff
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes.push((held >> bits) & 0xff)
    }
  }
  return new Uint8Array(bytes)
}
