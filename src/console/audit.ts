/** Audit: a payment's journal against its checkpoint, and for administrators the admin log and its chains. It only reads. */
import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import type { viewOf } from '../http/admin-log.ts'
import type { Proof as JournalProof } from '../payment/proving.ts'
import type { Console } from './console.ts'
import { count, time } from './format.ts'
import { page } from './frame.ts'
import { at, type List, ofMerchant, read } from './gateway.ts'
import { choice, facts, field, type Html, older, type Piece, table, tag } from './parts.ts'

type Entry = ReturnType<typeof viewOf>

/** A chain of hashes, followed from its first entry to its newest. */
interface Verified {
  valid: boolean
  entries: number
  head: string
  broken_at?: number
  why?: string
}

interface Proof extends Omit<JournalProof, 'checkpoint'> {
  checkpoint: { day: string; hash: string; seq: number; is_copied: boolean | null } | null
}

export const audit = new Hono<Console>().get('/', async (c) => {
  const { say } = c.var
  const { payment = '', chain = 'directory', cursor, verify } = c.req.query()
  const asked = payment.trim()
  return page(c, {
    title: say('audit'),
    main: [
      html`<section><h2>${say('audit_payment')}</h2><p class="hint">${say('audit_payment_hint')}</p>
        <form method="get" class="filters">${field({ id: 'payment', name: 'payment', label: say('payment_id'), value: asked, maxlength: 64 })}
        <button>${say('verify')}</button></form>
        ${asked !== '' && (await journalProof(c, asked))}</section>`,
      html`<section><h2>${say('admin_log')}</h2>${
        c.var.operator.role === 'admin'
          ? await adminLog(c, { chain, cursor, verify })
          : html`<p class="empty">${say('admin_log_closed')}</p>`
      }</section>`,
    ],
  })
})

async function journalProof(c: Context<Console>, id: string): Promise<Html> {
  const { say } = c.var
  const path = at`/v1/payments/${id}/journal`
  const chain = await read<Verified>(c, `${path}/verify`)
  const proof = await read<Proof>(c, `${path}/proof`)
  return html`<div id="proof">${verdict(c, proof.valid && chain.valid)}
    ${facts([
      [say('payment'), html`<a href="/console/payments/${id}"><code>${id}</code></a>`],
      ...chainFacts(c, chain),
      ...checkpointFacts(c, proof.checkpoint),
    ])}
    ${proof.doubts.map(
      ({ where, seq, why }) =>
        html`<p class="notice bad"><strong>${say('doubt')}</strong> <code>${where}${seq === null ? '' : ` ${seq}`}</code> ${why}</p>`,
    )}</div>`
}

const verdict = (c: Context<Console>, valid: boolean): Html =>
  html`<p>${c.var.say('chain_of')} ${tag(c.var.say(valid ? 'chain_whole' : 'chain_broken'), valid ? 'good' : 'bad')}</p>`

type Facts = (readonly [name: string, value: Piece])[]

const chainFacts = (c: Context<Console>, { entries, head, broken_at, why }: Verified): Facts => [
  [c.var.say('entries'), count(c, entries)],
  [c.var.say('head_hash'), html`<code>${head}</code>`],
  [c.var.say('broken_at'), broken_at === undefined ? null : html`${broken_at} ${why}`],
]

function checkpointFacts({ var: { say } }: Context<Console>, checkpoint: Proof['checkpoint']): Facts {
  if (checkpoint === null) return [[say('checkpoint'), say('checkpoint_none')]]
  const { day, seq, hash, is_copied } = checkpoint
  return [
    [say('checkpoint'), say('checkpoint_day', { day, seq })],
    [say('checkpoint_hash'), html`<code>${hash}</code>`],
    [say('copy'), say(is_copied === null ? 'copy_none' : is_copied ? 'copy_same' : 'copy_other')],
  ]
}

interface Asked {
  chain: string
  cursor: string | undefined
  verify: string | undefined
}

async function adminLog(c: Context<Console>, { chain, cursor, verify }: Asked): Promise<Html> {
  const { say } = c.var
  const { data, next_cursor } = await read<List<Entry>>(c, ofMerchant(c, '/log'), { chain, cursor })
  const verified = verify ? await read<Verified>(c, ofMerchant(c, '/log/verify'), { chain }) : null
  const chains = (['directory', 'destinations'] as const).map((one) => [one, say(`chain_${one}`)] as const)
  return html`<p class="hint">${say('admin_log_hint')}</p>
    <form method="get" class="filters">${choice('chain', 'chain', say('chain_of'), chains, chain)}
    <button>${say('show')}</button> <button name="verify" value="yes">${say('verify_log')}</button></form>
    ${verified && html`<div id="verified">${verdict(c, verified.valid)}${facts(chainFacts(c, verified))}</div>`}
    ${table({
      label: say('admin_log'),
      head: ['#', say('when'), say('action'), say('subject'), say('fields_given'), say('by')],
      numbers: [0],
      rows: data.map((one) => [
        one.seq,
        time(c, one.at),
        html`<code>${one.action}</code>`,
        html`<code>${one.subject}</code>`,
        html`<span class="long">${one.fields.join(', ') || '–'}</span>`,
        html`<code>${one.actor}</code>`,
      ]),
      empty: say('no_entries'),
    })}
    ${older(c, next_cursor)}`
}
