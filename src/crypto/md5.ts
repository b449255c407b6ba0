/** MD5, for the checksums of providers that want it, and for nothing else. `node:crypto` serves both workerd and plain Node. */
import { createHash } from 'node:crypto'

/** Lower-case hex. Text is taken as UTF-8. */
export function md5Hex(text: string): string {
  return createHash('md5').update(text).digest('hex')
}
