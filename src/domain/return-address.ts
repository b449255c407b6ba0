/** Where a customer's browser may be sent back to. An open redirect would lend a merchant's good name to anybody. */

/** What a merchant has registered. */
export interface ReturnAddresses {
  /** Origins such as `https://shop.example`. */
  allowedOrigins: readonly string[]
  /** Scheme addresses of apps such as `shop-app://paid`. */
  allowedReturnAddresses: readonly string[]
}

/**
 * Whether the address is https on an allowed origin, or a registered scheme address exactly, or (in test mode only) any
 * http loopback address. Origins are compared as parsed, so no spelling of the text can pretend to be one.
 */
export function allowedReturnAddress(address: string, merchant: ReturnAddresses, livemode: boolean): boolean {
  // Parsers disagree about these (some drop them, some end the host there), so no honest address has them.
  if (address.length > 2_048 || /[\s\p{Cc}\\]/u.test(address)) return false
  if (merchant.allowedReturnAddresses.includes(address)) return isSchemeAddress(address)
  const url = parse(address)
  // A lone "@" parses as empty user info, and other readers may see a host before it.
  if (url === null || /^[a-z]+:\/*[^/?#]*@/i.test(address)) return false
  if (url.protocol === 'http:') return !livemode && isLoopback(url.hostname)
  if (url.protocol !== 'https:') return false
  return merchant.allowedOrigins.some((origin) => parse(origin)?.origin === url.origin)
}

/** Whether a merchant may register this: an app's own scheme, and nothing that a browser runs or shows by itself. */
export function isSchemeAddress(address: string): boolean {
  if (address.length > 2_048 || /[\s\p{Cc}\\]/u.test(address)) return false
  const url = parse(address)
  return url !== null && !browserSchemes.has(url.protocol)
}

/** The origin that this text means, when it is one that pages are served from: https, or http on a loopback host. */
export function originOf(text: string): string | null {
  const url = /[\s\p{Cc}\\@]/u.test(text) ? null : parse(text)
  if (url === null || url.pathname !== '/' || /[?#]/.test(text)) return null
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))
    ? url.origin
    : null
}

/** Whether a parsed host name is this machine: `localhost`, its subdomains, 127.0.0.0/8 or ::1. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
}

const browserSchemes = new Set(
  'http https ws wss ftp file data javascript vbscript blob about filesystem view-source mailto tel sms intent'
    .split(' ')
    .map((scheme) => `${scheme}:`),
)

const parse = (text: string): URL | null => (URL.canParse(text) ? new URL(text) : null)
