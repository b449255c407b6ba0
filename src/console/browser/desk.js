// What a browser adds to pages that work without it: the operator's time zone, and news without a reload.
const seconds = 10

// The next page uses it.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
if (zone && document.documentElement.dataset.zone !== zone) {
  // biome-ignore lint/suspicious/noDocumentCookie: cookieStore is not in every browser yet, and this is no secret.
  document.cookie = `tollgate-zone=${zone}; path=/console; samesite=lax; max-age=31536000`
}

/** Asks for this page again and takes over what has changed in its live parts, unless somebody is busy there. */
async function look() {
  const parts = [...document.querySelectorAll('[data-live]')]
  if (document.hidden || parts.length === 0) return
  const answer = await fetch(location.href, { headers: { 'tollgate-live': '1' }, cache: 'no-store' })
  // Logged out meanwhile: the page says so itself.
  if (answer.status === 401) location.reload()
  if (!answer.ok) return
  const news = new DOMParser().parseFromString(await answer.text(), 'text/html')
  for (const part of parts) {
    const other = news.getElementById(part.id)
    if (other === null || part.contains(document.activeElement)) continue
    if (other.innerHTML !== part.innerHTML) part.replaceChildren(...other.childNodes)
  }
}

// A network that is away comes back by itself.
setInterval(() => look().catch(() => {}), seconds * 1_000)
