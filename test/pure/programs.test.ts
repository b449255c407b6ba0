// How journeys come by a browser, PHP and curl, on machines of every kind, none of which is this one.
import { describe, expect, it } from 'vitest'
import {
  findPrograms,
  type Machine,
  noBrowser,
  noCurl,
  noPhp,
  type Programs,
} from '../journeys/support/programs.ts'

const playwrights = '/home/me/.cache/ms-playwright/chromium'
const installer = 'playwright install chromium'
const update = 'apt-get -o DPkg::Lock::Timeout=120 -y -q update'
const install = (name: string) =>
  `apt-get -o DPkg::Lock::Timeout=120 -y -q --no-install-recommends install ${name}`

interface Kind extends Partial<Omit<Machine, 'isProgram' | 'starts' | 'succeeds'>> {
  /** The programs that are there. */
  has?: string[]
  /** Of those, the ones that do not run. */
  broken?: string[]
  /** What a command that succeeds brings; one that is not here fails. */
  brings?: Record<string, string[]>
}

/** A machine of this kind, with what was installed on it in order. */
function machineOf({ has = [], broken = [], brings = {}, ...kind }: Kind) {
  const files = new Set(has)
  const ran: string[] = []
  const machine: Machine = {
    env: { PATH: '/usr/local/bin:/usr/bin' },
    ...{ platform: 'linux', isDebian: false, isRoot: false, playwrights },
    playwrightsInstaller: ['playwright', 'install', 'chromium'],
    ...kind,
    isProgram: (file) => files.has(file),
    starts: (file) => files.has(file) && !broken.includes(file),
    succeeds(command, args) {
      const line = [command, ...args].join(' ')
      ran.push(line)
      for (const file of brings[line] ?? []) files.add(file)
      return Object.hasOwn(brings, line)
    },
  }
  return { machine, ran }
}

/** One program as it is found on a machine that has the two others, and what was run to get it. */
const foundOn = (wanted: keyof Programs) => (kind: Kind) => {
  const others = ['chromium', 'php', 'curl'].filter((name) => name !== wanted)
  const has = [...others.map((name) => `/usr/bin/${name}`), ...(kind.has ?? [])]
  const { machine, ran } = machineOf({ ...kind, has })
  return { found: findPrograms(machine)[wanted], ran }
}

const browserOn = foundOn('chromium')
const phpOn = foundOn('php')
const curlOn = foundOn('curl')

const debian = { isDebian: true, isRoot: true }
const byApt = { [update]: [], [install('chromium')]: ['/usr/bin/chromium'] }

describe('the browser of the journeys', () => {
  it('is the one that CHROMIUM_PATH names, whatever else is there', () => {
    const env = { PATH: '/usr/bin', CHROMIUM_PATH: '/opt/mine' }
    expect(browserOn({ env, has: ['/opt/mine', '/usr/bin/chromium'] })).toEqual({
      found: '/opt/mine',
      ran: [],
    })
  })

  it('is no other one when CHROMIUM_PATH names what is not there', () => {
    const env = { PATH: '/usr/bin', CHROMIUM_PATH: '/opt/mine' }
    expect(() => browserOn({ env, has: ['/usr/bin/chromium'] })).toThrow(
      'CHROMIUM_PATH is /opt/mine, which is no program on this machine.',
    )
  })

  it.each(['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'])(
    'is the system’s own, which may be called %s, before anything is downloaded',
    (name) => {
      const kind = { has: [`/usr/bin/${name}`, playwrights], brings: { [installer]: [] } }
      expect(browserOn(kind)).toEqual({ found: `/usr/bin/${name}`, ran: [] })
    },
  )

  it('is found on a Mac, where Chrome is on no path', () => {
    const chrome = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'
    expect(browserOn({ platform: 'darwin', has: [chrome] })).toEqual({ found: chrome, ran: [] })
  })

  it('is what Playwright downloaded at an earlier time', () => {
    expect(browserOn({ has: [playwrights] })).toEqual({ found: playwrights, ran: [] })
  })

  it('is not a program that only says how to get a browser', () => {
    const kind = {
      has: ['/usr/bin/chromium-browser'],
      broken: ['/usr/bin/chromium-browser'],
      brings: { [installer]: [playwrights] },
    }
    expect(browserOn(kind)).toEqual({ found: playwrights, ran: [installer] })
  })

  it('is not asked what it is on Windows, where it would open a window', () => {
    expect(browserOn({ platform: 'win32', has: [playwrights], broken: [playwrights] }).found).toBe(
      playwrights,
    )
  })

  it('is downloaded by Playwright where the system has none, also for root on Debian', () => {
    expect(browserOn({ ...debian, brings: { [installer]: [playwrights], ...byApt } })).toEqual({
      found: playwrights,
      ran: [installer],
    })
  })

  it('is Debian’s package for root when Playwright cannot download', () => {
    expect(browserOn({ ...debian, brings: byApt })).toEqual({
      found: '/usr/bin/chromium',
      ran: [installer, update, install('chromium')],
    })
  })

  it('is Debian’s package for root when what Playwright downloads lacks libraries', () => {
    const kind = { broken: [playwrights], brings: { [installer]: [playwrights], ...byApt } }
    expect(browserOn({ ...debian, ...kind })).toEqual({
      found: '/usr/bin/chromium',
      ran: [installer, update, install('chromium')],
    })
  })

  it.each([
    ['by somebody who is not root', { isDebian: true, isRoot: false }],
    ['where there is no Debian', { isDebian: false, isRoot: true }],
  ])('is never installed %s', (_, who) => {
    expect(browserOn({ ...who, brings: byApt })).toEqual({ found: null, ran: [installer] })
  })

  it.each([
    ['the lists of packages cannot be had', {}, [update]],
    ['the package cannot be had', { [update]: [] }, [update, install('chromium')]],
    [
      'the package brings no browser',
      { [update]: [], [install('chromium')]: [] },
      [update, install('chromium')],
    ],
  ])('is missing when %s', (_, brings, tried) => {
    expect(browserOn({ ...debian, brings })).toEqual({ found: null, ran: [installer, ...tried] })
  })

  it('that is missing fails the tests that need it in words that name every way to one', () => {
    for (const way of [
      'CHROMIUM_PATH',
      'install Chromium or Chrome',
      'playwright-core install chromium',
      'apt-get',
    ])
      expect(noBrowser).toContain(way)
  })
})

describe('the PHP of the journeys', () => {
  it('is the one that PHP_PATH names, and no other one when that is not there', () => {
    const env = { PATH: '/usr/bin', PHP_PATH: '/opt/php' }
    expect(phpOn({ env, has: ['/opt/php', '/usr/bin/php'] }).found).toBe('/opt/php')
    expect(() => phpOn({ env, has: ['/usr/bin/php'] })).toThrow('PHP_PATH is /opt/php')
  })

  it('is the system’s own', () => {
    expect(phpOn({ ...debian, has: ['/usr/local/bin/php'] })).toEqual({
      found: '/usr/local/bin/php',
      ran: [],
    })
  })

  it('is Debian’s package for root, and missing for everybody else', () => {
    const brings = { [update]: [], [install('php-cli')]: ['/usr/bin/php'] }
    expect(phpOn({ ...debian, brings })).toEqual({
      found: '/usr/bin/php',
      ran: [update, install('php-cli')],
    })
    expect(phpOn({ isDebian: true, brings })).toEqual({ found: null, ran: [] })
  })

  it('that is missing fails the tests that need it in words that name every way to one', () => {
    for (const way of ['PHP_PATH', 'install php', 'apt-get']) expect(noPhp).toContain(way)
  })
})

describe('the curl of the journeys', () => {
  it('is the system’s own, or Debian’s package for root, and missing for everybody else', () => {
    const brings = { [update]: [], [install('curl')]: ['/usr/bin/curl'] }
    expect(curlOn({ ...debian, has: ['/usr/bin/curl'] })).toEqual({ found: '/usr/bin/curl', ran: [] })
    expect(curlOn({ ...debian, brings })).toEqual({
      found: '/usr/bin/curl',
      ran: [update, install('curl')],
    })
    expect(curlOn({ isDebian: true, brings })).toEqual({ found: null, ran: [] })
    for (const way of ['Install curl', 'apt-get']) expect(noCurl).toContain(way)
  })
})
