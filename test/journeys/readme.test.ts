// README as somebody follows it who knows nothing else: its commands as they stand, its links and buttons by their names.
import path from 'node:path'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { browserOfThisFile } from './support/browser.ts'
import { eventually } from './support/eventually.ts'
import { commandsOf, type Step, sectionOf, stepsOf, terminalOf } from './support/readme.ts'
import { type ReceivedEvent, shopOf } from './support/shop.ts'
import { visitorOf } from './support/store-visit.ts'

const dev = inject('dev')
const printed = inject('printed')
const browser = browserOfThisFile()
const terminal = terminalOf(dev)
const screens = path.resolve(import.meta.dirname, '../../.local/screens/readme')

afterAll(async () => {
  terminal.close()
  // Other journeys count on the CRM, also when this one broke off in the middle.
  const shop = shopOf(() => dev)
  await shop.behave('crm', 'ok')
  await shop.call('POST', `/v1/destinations/${dev.destinations.crm?.id}/resume`)
})

describe('README', () => {
  it('opens, pays and follows a payment with its commands for curl', async () => {
    const [commands = ''] = commandsOf(sectionOf('The whole flow with curl'))
    const said = await terminal.type(commands)
    expect(said).toContain('"status":"open"')
    expect(said).toMatch(/303 http\S+\/return\//)
    expect(said).toContain('"status":"paid"')
    const [, payment] = /"payment_id":"(\w+)"/.exec(said) ?? []
    const lookAtCrm = commands.trim().split('\n').at(-1)!
    await eventually(async () => {
      const { data } = JSON.parse(await terminal.type(lookAtCrm)) as { data: ReceivedEvent[] }
      const heard = data.filter(({ payment_id, duplicate }) => payment_id === payment && !duplicate)
      // In the words of the comment above that command.
      expect(commands).toContain('payment.created, payment.pending, payment.paid')
      expect(heard.map(({ type }) => type).sort()).toEqual([
        'payment.created',
        'payment.paid',
        'payment.pending',
      ])
    })
  })

  it('leads an operator from a purchase over a broken system to its mending, by links and commands alone', async () => {
    const heading = "The operator's desk"
    const steps = stepsOf(heading)
    expect(steps).toHaveLength(6)
    const [buying, finding, breaking, seeing, mending, ending] = steps as [
      ...[Step, Step, Step, Step, Step, Step],
    ]
    const customer = await buy(buying)
    const desk = await find(finding, addressOf(heading.toLowerCase()), customer.order)
    await terminal.type(breaking.commands[0]!)
    await desk.picture('3-found')
    await refund(seeing, desk)
    await mend(mending, desk)
    await seeEnd(ending, desk)
    await customer.crm.getByText('payment.refunded').waitFor()
    await customer.page.screenshot({ path: path.join(screens, '7-heard.png'), fullPage: true })
    for (const { left } of steps) expect([...left]).toEqual([])
    await customer.context.close()
    await desk.page.context().close()
  })
})

/** The address behind these words in what `npm start` prints. */
function addressOf(name: string): string {
  const [, address] = new RegExp(`^ *${name} +(http\\S+)`, 'm').exec(printed) ?? []
  if (address === undefined) throw new Error(`\`npm start\` does not print ${name}:\n${printed}`)
  return address
}

/** Buys the first thing in the store, whose address is printed first, and looks at the order. */
async function buy(step: Step) {
  const [store_url = ''] = /http\S+/.exec(printed) ?? []
  const visitor = await visitorOf(browser(), { ...dev, store_url })
  const { page } = visitor
  await visitor.fill('Add to cart: Highland coffee')
  await visitor.pay()
  await visitor.choose('pay')
  await visitor.until('paid')
  await page.screenshot({ path: path.join(screens, '1-bought.png'), fullPage: true })
  await page.getByRole('link', { name: step.named('See your order') }).click()
  const order = (await page.locator('h1 .number').textContent()) ?? ''
  return { ...visitor, order, crm: page.locator('.heard dl > div', { hasText: 'crm' }) }
}

type Desk = Awaited<ReturnType<typeof find>>

/** Logs in and opens the payment of this order. */
async function find(step: Step, address: string, order: string) {
  const context = await browser().newContext({ locale: 'en-GB', viewport: { width: 1_200, height: 850 } })
  const page = await context.newPage()
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const menu = (name: string) => page.locator('header nav').getByRole('link', { name })
  await page.goto(address)
  await page.getByLabel(step.named('Operator token')).fill((await terminal.type(step.commands[0]!)).trim())
  await button(step.named('Log in')).click()
  await menu(step.named('Payments')).click()
  await page.getByRole('searchbox').fill(order)
  const found = page.getByRole('link', { name: order, exact: true })
  const search = step.named('Search')
  // Lists follow within seconds.
  await eventually(async () => {
    await button(search).click()
    await found.waitFor({ timeout: 2_000 })
  })
  await page.screenshot({ path: path.join(screens, '2-search.png'), fullPage: true })
  await found.click()
  const payment = page.url()
  const picture = (name: string) =>
    page.screenshot({ path: path.join(screens, `${name}.png`), fullPage: true })
  /** What is folded under this name is unfolded, and done. */
  const act = async (name: string) => {
    await page.locator('summary', { hasText: name }).click()
    await button(name).click()
    await page.getByRole('status').waitFor()
  }
  /** The exception of this name about the payment, as the list has it. */
  const exception = (name: string) =>
    page.locator('tr', { has: page.locator(`a[href="${new URL(payment).pathname}"]`) }).getByText(name)
  return { page, payment, picture, button, menu, act, exception }
}

/** Gives the money back, of which the CRM does not hear. */
async function refund(step: Step, desk: Desk): Promise<void> {
  await desk.act(step.named('Refund'))
  const [list, name] = [step.named('Exceptions'), step.named('Delivery failed')]
  await eventually(async () => {
    await desk.menu(list).click()
    await desk.exception(name).waitFor({ timeout: 2_000 })
  })
  await desk.picture('4-exception')
}

async function mend(step: Step, { page, menu, act, picture }: Desk): Promise<void> {
  await terminal.type(step.commands[0]!)
  await menu(step.named('Destinations')).click()
  await page.getByRole('link', { name: /^crm/ }).click()
  await act(step.named('Resume'))
  await picture('5-resumed')
}

/** Waits until the exception is among those that are resolved, and reads how. */
async function seeEnd(step: Step, { page, menu, button, exception, picture }: Desk): Promise<void> {
  const [status, note] = [step.named('resolved'), step.named('Taken at try 2.')]
  await menu('Exceptions').click()
  await eventually(async () => {
    await page.getByLabel('Status').selectOption(status)
    await button('Search').click()
    await exception('Delivery failed').waitFor({ timeout: 2_000 })
  })
  await exception('Delivery failed').click()
  await page.getByText(note).waitFor()
  await picture('6-resolved')
}
