/**
 * Secrets at rest: AES-256-GCM under the deployment's key-encryption keys. A sealed text is `v1.<key id>.<iv>.<ct>` and
 * is bound to its owner's id, so that a row's secret copied into another row does not open there.
 */
import { fromBase64, fromBase64Url, toBase64Url } from './base64.ts'

/** The setting that holds the keys: `id:base64` of 32 bytes, comma-separated; the first wraps, all unwrap. */
export interface Keyring {
  KEY_ENCRYPTION_KEYS: string
}

interface WrappingKey {
  id: string
  key: CryptoKey
}

const encoder = new TextEncoder()
let imported: { from: string; keys: WrappingKey[] } | null = null

/** Seals `text` for the object with the id `owner`. Throws when the deployment has no usable key. */
export async function seal(env: Keyring, text: string, owner: string): Promise<string> {
  const [first] = await keysOf(env)
  if (!first) throw new Error('KEY_ENCRYPTION_KEYS is empty, so no secret can be stored.')
  // A repeated iv under one key would give the key stream away, so no caller may choose it.
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const parameters = { name: 'AES-GCM', iv, additionalData: bound(first.id, owner) }
  const sealed = await crypto.subtle.encrypt(parameters, first.key, encoder.encode(text))
  return `v1.${first.id}.${toBase64Url(iv)}.${toBase64Url(new Uint8Array(sealed))}`
}

/** Opens what `seal` made for the same owner. Throws when the key is gone, or the text or its owner was changed. */
export async function unseal(env: Keyring, sealed: string, owner: string): Promise<string> {
  const [version, id, iv, ct, ...rest] = sealed.split('.')
  const ivBytes = fromBase64Url(iv ?? '')
  const ctBytes = fromBase64Url(ct ?? '')
  if (version !== 'v1' || !id || ivBytes?.length !== 12 || !ctBytes?.length || rest.length > 0)
    throw new Error(`The sealed secret of ${owner} is not readable.`)
  const wrapping = (await keysOf(env)).find((candidate) => candidate.id === id)
  if (!wrapping)
    throw new Error(`KEY_ENCRYPTION_KEYS lacks the key ${id}, which sealed the secret of ${owner}.`)
  const parameters = { name: 'AES-GCM', iv: ivBytes, additionalData: bound(id, owner) }
  try {
    return new TextDecoder().decode(await crypto.subtle.decrypt(parameters, wrapping.key, ctBytes))
  } catch (cause) {
    throw new Error(`The sealed secret of ${owner} does not open under the key ${id}.`, { cause })
  }
}

/** The id of the key that sealed this, for re-wrapping after a rotation; null when it is not a sealed text. */
export function sealedUnder(sealed: string): string | null {
  return /^v1\.([^.]+)\.[^.]+\.[^.]+$/.exec(sealed)?.[1] ?? null
}

const bound = (keyId: string, owner: string) => encoder.encode(`tollgate:v1:${keyId}:${owner}`)

async function keysOf(env: Keyring): Promise<WrappingKey[]> {
  if (imported?.from === env.KEY_ENCRYPTION_KEYS) return imported.keys
  const entries = env.KEY_ENCRYPTION_KEYS.split(',').filter((entry) => entry.trim() !== '')
  const keys = await Promise.all(entries.map((entry) => importKey(entry.trim())))
  if (new Set(keys.map((key) => key.id)).size < keys.length)
    throw new Error('KEY_ENCRYPTION_KEYS names one key id twice.')
  imported = { from: env.KEY_ENCRYPTION_KEYS, keys }
  return keys
}

async function importKey(entry: string): Promise<WrappingKey> {
  const [, id, encoded] = /^([A-Za-z0-9_-]{1,64}):(.+)$/.exec(entry) ?? []
  const bytes = fromBase64(encoded ?? '')
  if (!id || bytes?.length !== 32)
    throw new Error('KEY_ENCRYPTION_KEYS has an entry that is not `id:base64` of 32 bytes.')
  return { id, key: await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']) }
}
