/**
 * Which connection a session is paid through: the one that is named, else the mode's default if it takes the order's
 * currency, else another one that does (`domain/choice.ts`). Warm caches know all of them.
 */
import type { Context } from 'hono'
import { chosenFor, takes } from '../domain/choice.ts'
import type { GatewayError } from '../domain/errors.ts'
import { candidateOf } from '../providers/index.ts'
import type { Connection } from '../store/connections.ts'
import { findChoices, findConnection } from '../store/directory.ts'
import type { Merchant } from '../store/merchants.ts'
import type { Caller, Gateway } from './gateway.ts'
import { invalid } from './validated.ts'

/** The currency of an order that is registered, for who may know it; null for anybody else, and when there is none. */
type CurrencyOfOrder = () => Promise<string | null>

/** Throws `validation_failed` when there is none, and says what to do. */
export async function connectionFor(
  c: Context<Gateway>,
  caller: Caller,
  merchant: Merchant,
  asked: { connectionId: string | null; money: { currency: string } | null },
  currencyOfOrder: CurrencyOfOrder,
): Promise<Connection> {
  if (asked.connectionId !== null) return named(c, caller, asked.connectionId)
  const usual = await defaultOf(c, caller, merchant)
  const given = asked.money?.currency ?? null
  // Which of the merchant's currencies the order has makes no difference to a default that takes them all.
  if (given === null && usual !== null && merchant.currencies.every((currency) => suits(usual, currency)))
    return usual
  const currency = given ?? (await currencyOfOrder())
  if (currency === null) {
    // Whoever may not know the order's currency is refused where the order lies, in words that tell nothing of it.
    if (usual === null) throw wrong('/connection_id', 'The merchant has no default connection; name one.')
    return usual
  }
  if (usual !== null && suits(usual, currency)) return usual
  const choices = await findChoices(c.env, caller.merchantId, caller.livemode, c.var.now)
  const chosen = chosenFor(currency, choices.map(candidateOf))
  if (chosen === null) throw wrong('/currency', nobodyTakes(currency, caller.livemode))
  return named(c, caller, chosen.id)
}

async function named(c: Context<Gateway>, caller: Caller, id: string): Promise<Connection> {
  const connection = await ownConnection(c, caller, id)
  if (connection === null) throw wrong('/connection_id', 'There is no such connection.')
  if (connection.disabledAt !== null) throw wrong('/connection_id', 'This connection is disabled.')
  return connection
}

/** The mode's default while it can be used. */
async function defaultOf(
  c: Context<Gateway>,
  caller: Caller,
  merchant: Merchant,
): Promise<Connection | null> {
  const id = merchant.defaultConnections[caller.livemode ? 'live' : 'test']
  const connection = id === null ? null : await ownConnection(c, caller, id)
  return connection?.disabledAt === null ? connection : null
}

async function ownConnection(c: Context<Gateway>, caller: Caller, id: string): Promise<Connection | null> {
  const connection = await findConnection(c.env, id, c.var.now)
  const own = connection?.merchantId === caller.merchantId && connection.livemode === caller.livemode
  return own ? connection : null
}

const suits = (connection: Connection, currency: string): boolean =>
  takes(candidateOf(connection).takes, currency)

const nobodyTakes = (currency: string, livemode: boolean): string =>
  `No enabled ${livemode ? 'live' : 'test'} connection of this merchant takes ${currency}. Ask for another currency, or ` +
  'have one added or enabled; where a contract has more currencies than usual, settings.currencies lists them.'

const wrong = (pointer: string, detail: string): GatewayError => invalid([{ pointer, detail }])
