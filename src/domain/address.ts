/**
 * Which addresses the gateway may be sent to by others: destinations now, quote addresses alike. A host name that only
 * resolves to a private address passes here; the platform's own network boundary is what stops that one.
 */

/** Why an address is refused, as a sentence fragment for a developer; null when it may be called. */
export type AddressRefusal = string | null

/**
 * Judges an address by its text. With `allowPrivate` (local systems only) plain http and private hosts pass too.
 * Addresses with user info or other schemes never do.
 */
export function refuseAddress(text: string, allowPrivate: boolean): AddressRefusal {
  if (text.length > 2_048) return 'must be at most 2048 characters long'
  if (!URL.canParse(text)) return 'must be an absolute address'
  const url = new URL(text)
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:'))
    return 'must begin with https://'
  if (url.username !== '' || url.password !== '') return 'must not carry a user name or password'
  if (!allowPrivate && isPrivateHost(url.hostname)) return 'must be a public address'
  return null
}

const privateNames = [
  'localhost',
  'local',
  'internal',
  'intranet',
  'lan',
  'home',
  'corp',
  'private',
  'home.arpa',
]

/** Whether a host, as a parsed URL spells it, is anything but a public name or public address. */
function isPrivateHost(hostname: string): boolean {
  const host = hostname.replace(/\.+$/, '').toLowerCase()
  if (host.startsWith('[')) return isPrivateIpv6(host.slice(1, -1))
  const ipv4 = ipv4Of(host)
  if (ipv4 !== null) return isPrivateIpv4(ipv4)
  if (!host.includes('.')) return true
  return privateNames.some((name) => host === name || host.endsWith(`.${name}`))
}

/**
 * Four bytes as one number. The URL parser has turned octal, hexadecimal and short spellings into this one already, and
 * has refused a byte over 255.
 */
function ipv4Of(host: string): number | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(host)
  return match === null ? null : match.slice(1).reduce((sum, byte) => sum * 256 + Number(byte), 0)
}

/** IANA's special-purpose blocks that are not globally reachable, with multicast and the reserved top. */
const ipv4Blocks: readonly [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
]

function isPrivateIpv4(address: number): boolean {
  return ipv4Blocks.some(([base, bits]) => {
    const size = 2 ** (32 - bits)
    return Math.floor(address / size) === Math.floor(ipv4Of(base)! / size)
  })
}

/**
 * Only global unicast (2000::/3) is public, and within it neither tunnels nor the documentation blocks (3fff:: ends it).
 * Addresses that embed an IPv4 address (mapped, NAT64, 6to4, Teredo) are refused whole: no business system needs to be
 * named so.
 */
function isPrivateIpv6(host: string): boolean {
  const [first = 0, second = 0] = groupsOf(host)
  if (first < 0x2000 || first >= 0x3fff) return true
  if (first === 0x2002) return true
  return first === 0x2001 && (second < 0x0200 || second === 0x0db8)
}

/** The eight groups of an IPv6 address that the URL parser has normalised, without its brackets. */
export function groupsOf(host: string): number[] {
  const [head = '', tail] = host.split('::')
  const numbers = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  if (tail === undefined) return numbers(head)
  const left = numbers(head)
  const right = numbers(tail)
  return [...left, ...Array<number>(Math.max(0, 8 - left.length - right.length)).fill(0), ...right]
}
