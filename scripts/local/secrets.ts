/** Secrets of a local system: made by chance on its first start and kept beside its state, never in the checkout. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readJson, type StateFolder, writeJson } from './folder.ts'
import { StartRefused } from './options.ts'

export interface LocalSecrets {
  ADMIN_TOKEN: string
  /** `id:base64` of 32 bytes. */
  KEY_ENCRYPTION_KEYS: string
}

/** The folder's secrets, made now if it has none. Throws `StartRefused` when state is there that they sealed. */
export function localSecrets(folder: StateFolder): LocalSecrets {
  const known = readJson<LocalSecrets>(folder.secrets)
  if (known) return known
  if (existsSync(folder.runtime)) {
    throw new StartRefused(
      `${folder.secrets} is missing, and without it the credentials stored in ${folder.root} can't be read.\n` +
        'Put it back, or begin anew with --fresh.',
    )
  }
  const made = {
    ADMIN_TOKEN: randomBytes(32).toString('base64url'),
    KEY_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  }
  writeJson(folder.secrets, made)
  return made
}
