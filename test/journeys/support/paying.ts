/** A customer's browser at a simulated provider: follows the checkout, posts its form where there is one, pays, comes back. */
import type { Session } from './shop.ts'

/** Presses "Pay" and goes wherever the provider sends the browser. */
export async function payAt({ checkout_url: address }: Session): Promise<void> {
  const arrived = await fetch(address)
  const posted = formIn(await arrived.clone().text())
  const page = posted === null ? arrived : await fetch(posted.action, { method: 'POST', body: posted.fields })
  if (!page.ok) throw new Error(`The checkout answers ${page.status}: ${await page.text()}`)
  await page.text()
  const paid = await fetch(page.url, {
    method: 'POST',
    body: new URLSearchParams({ choice: 'pay' }),
    redirect: 'manual',
  })
  const back = paid.headers.get('location')
  if (back === null) throw new Error(`The provider answers ${paid.status}: ${await paid.text()}`)
  // As a browser does on its way back; the shop's own page at the end is not needed.
  await fetch(new URL(back, page.url), { redirect: 'manual' })
}

/** The gateway's own form to a provider that takes no redirect; null on any other page. */
function formIn(html: string): { action: string; fields: URLSearchParams } | null {
  const action = /<form id="checkout" method="post" action="([^"]+)"/.exec(html)?.[1]
  if (action === undefined) return null
  const inputs = html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)
  const fields = [...inputs].map(([, name = '', value = '']) => [plain(name), plain(value)])
  return { action: plain(action), fields: new URLSearchParams(fields) }
}

const plain = (text: string): string =>
  text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&amp;', '&')
