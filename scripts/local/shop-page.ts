/** The demo shop's HTML: text is escaped unless this file made it. */

/** HTML that needs no more escaping. */
export interface Raw {
  html: string
}

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** A template whose values are escaped, except HTML made by this very function. */
export function html(parts: TemplateStringsArray, ...values: (string | number | Raw | Raw[])[]): Raw {
  return { html: parts.map((part, i) => part + textOf(values[i] ?? '')).join('') }
}

function textOf(value: string | number | Raw | Raw[]): string {
  if (Array.isArray(value)) return value.map((piece) => piece.html).join('')
  if (typeof value === 'object') return value.html
  return String(value).replace(/[&<>"']/g, (sign) => escapes[sign] ?? sign)
}

/** A whole page; `refreshSeconds` lets the browser load it again by itself. */
export function page(title: string, content: Raw, refreshSeconds?: number): string {
  const refresh =
    refreshSeconds === undefined ? '' : html`<meta http-equiv="refresh" content="${refreshSeconds}">`
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">${refresh}
<title>${title} · Tollgate demo shop</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b }
table { border-collapse: collapse; width: 100% } caption { text-align: left; font-weight: bold }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #ccc }
pre { overflow: auto; background: #f3f3f3; padding: 1rem }
</style></head><body><main><h1>${title}</h1>${content}</main></body></html>
`.html
}
