/** Moments as a form names them, in the operator's own zone: what a page shows and what is typed into it mean the same. */

/** `2026-11-30T14:05` or `2026-11-30`, its beginning, in an IANA zone, as RFC 3339; null for what is neither. */
export function instantOf(typed: string, zone: string): string | null {
  const [, day, clock = '00:00'] = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::\d\d)?)?$/.exec(typed) ?? []
  const asUtc = Date.parse(`${day}T${clock}Z`)
  if (Number.isNaN(asUtc)) return null
  // The offset there may differ from the one at the same reading in UTC, on the days when the clocks change.
  const near = asUtc - offsetAt(asUtc, zone)
  return new Date(asUtc - offsetAt(near, zone)).toISOString()
}

/** A moment as a `datetime-local` field wants it. */
export const localOf = (at: number, zone: string): string =>
  new Date(at + offsetAt(at, zone)).toISOString().slice(0, 16)

/** How far the zone's clocks are ahead of UTC, in milliseconds. */
function offsetAt(at: number, zone: string): number {
  const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
  const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [, sign, hours = '0', minutes = '0'] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}
