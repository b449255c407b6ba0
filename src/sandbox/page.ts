/**
 * The hosted checkout: one page without a script. A person pays, declines or cancels on it, and decides how the sandbox
 * tells the gateway about it.
 */
import { createHash } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import * as z from 'zod'
import { isReference } from './account.ts'
import type { SandboxBindings } from './api.ts'
import type { PageView } from './book.ts'
import { checkoutPage, type Entered, notFoundPage, style, tooLargePage } from './page-html.ts'

// No `form-action`: browsers apply it to redirects too, and the way back leads through the gateway to a shop whose
// address the sandbox cannot know. The page holds no foreign markup that could send its form elsewhere.
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const checked = z.literal('on').optional()
const form = z.lazy(() =>
  z.object({
    choice: z.enum(['pay', 'authorize', 'decline', 'cancel'], { error: 'Choose one of the buttons.' }),
    late: z.coerce
      .number({ error: 'The delay is a number of seconds.' })
      .int({ error: 'The delay is a whole number of seconds.' })
      .min(0, { error: 'The delay cannot be negative.' })
      .max(3_600, { error: 'The delay is at most 3600 seconds.' })
      .default(0),
    repeated: z.coerce
      .number({ error: 'How often is a number.' })
      .int({ error: 'How often is a whole number.' })
      .min(1, { error: 'Each report is sent at least once; to send none, choose that it is lost.' })
      .max(20, { error: 'Each report is sent at most 20 times.' })
      .default(1),
    tampered: z.enum(['none', 'amount', 'currency', 'order', 'signature']).default('none'),
    reordered: checked,
    lost: checked,
    anyway: checked,
  }),
)

const smallForm = bodyLimit({ maxSize: 16 * 1024, onError: (c) => c.html(tooLargePage(), 413) })

export const page = new Hono<{ Bindings: SandboxBindings }>()
  .use(async (c, next) => {
    await next()
    c.header('content-security-policy', policy)
    c.header('referrer-policy', 'no-referrer')
    c.header('x-content-type-options', 'nosniff')
    c.header('cache-control', 'no-store')
  })
  .get('/:reference', async (c) => {
    const view = await viewOf(c, c.req.param('reference'))
    return view ? c.html(checkoutPage(view, null, null)) : c.html(notFoundPage(), 404)
  })
  .post('/:reference', smallForm, async (c) => {
    const reference = c.req.param('reference')
    const view = await viewOf(c, reference)
    if (!view) return c.html(notFoundPage(), 404)
    const fields = await fieldsOf(c.req.raw)
    const entered = form.safeParse(fields)
    if (!entered.success) return c.html(checkoutPage(view, sentencesOf(entered.error), fields), 422)
    const { choice, late, repeated, tampered, reordered, lost, anyway } = entered.data
    const clicked = await c.env.SANDBOX.getByName(reference).choose(choice, anyway === 'on', {
      lateSeconds: late,
      times: repeated,
      tampered,
      reordered: reordered === 'on',
      lost: lost === 'on',
    })
    switch (clicked.kind) {
      case 'done':
        return c.redirect(clicked.returnUrl, 303)
      case 'refused':
        return c.html(checkoutPage(clicked.view, clicked.why, fields), 409)
      case 'unknown_checkout':
        return c.html(notFoundPage(), 404)
    }
  })

async function viewOf(
  c: Context<{ Bindings: SandboxBindings }>,
  reference: string,
): Promise<PageView | null> {
  return isReference(reference) ? c.env.SANDBOX.getByName(reference).view() : null
}

/** The form's text fields; an empty one counts as not filled in. */
async function fieldsOf(request: Request): Promise<Entered> {
  try {
    const entries = [...(await request.formData())].filter(
      ([, value]) => typeof value === 'string' && value !== '',
    )
    return Object.fromEntries(entries) as Entered
  } catch {
    return {}
  }
}

function sentencesOf(error: z.ZodError): string {
  return [...new Set(error.issues.map((issue) => issue.message))].join(' ')
}
