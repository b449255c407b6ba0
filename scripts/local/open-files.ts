/**
 * Each object that is awake holds three open files, so the usual soft limit of 1,024 would end the local runtime in the
 * middle of a load test. A process can't raise its own limit from JavaScript; a shell in between can.
 */
const mark = 'TOLLGATE_OPEN_FILES'
const enough = 4_096

/** The soft and hard limits of open files; null where the system does not tell. */
function limits(): { soft: number; hard: number } | null {
  if (!process.report) return null
  // Without this the report looks up names in the network, which may take seconds.
  Object.assign(process.report, { excludeNetwork: true })
  const report = process.report.getReport() as {
    userLimits?: { open_files?: Record<'soft' | 'hard', number | string> }
  }
  const given = report.userLimits?.open_files
  if (!given) return null
  const count = (limit: number | string) => (typeof limit === 'number' ? limit : Number.POSITIVE_INFINITY)
  return { soft: count(given.soft), hard: count(given.hard) }
}

/** Replaces this process by itself under the highest limit it may have. Does nothing where that can't be done. */
export function raiseOpenFiles(): void {
  const now = limits()
  if (!now || now.soft >= now.hard || process.env[mark] || typeof process.execve !== 'function') return
  const raise =
    'ulimit -n "$(ulimit -Hn)" 2>/dev/null || ulimit -n 65536 2>/dev/null || ulimit -n 10240 2>/dev/null'
  const env = { ...process.env, [mark]: 'raised' }
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  process.execve('/bin/sh', ['sh', '-c', `${raise}; exec "$@"`, 'sh', ...again], env)
}

/** A sentence for the welcome when the limit stays low; null when it is fine. */
export function lowOpenFiles(): string | null {
  const now = limits()
  if (!now || now.soft >= enough) return null
  return `Only ${now.soft} files may be open at once: enough to try things out, too few for load tests.`
}
