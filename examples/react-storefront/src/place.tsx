/** Where the visitor is: addresses of the store that are shown without loading the page again. */
import { type AnchorHTMLAttributes, type MouseEvent, useSyncExternalStore } from 'react'

const moved = new EventTarget()

export function go(to: string): void {
  history.pushState(null, '', to)
  moved.dispatchEvent(new Event('move'))
  window.scrollTo(0, 0)
}

/** The path and query of the address, and again after each move. */
export function usePlace(): URL {
  const href = useSyncExternalStore(subscribe, () => location.href)
  return new URL(href)
}

function subscribe(heard: () => void): () => void {
  moved.addEventListener('move', heard)
  window.addEventListener('popstate', heard)
  return () => {
    moved.removeEventListener('move', heard)
    window.removeEventListener('popstate', heard)
  }
}

/** A link within the store. Everything that a browser does with links beside a plain click is left to it. */
export function Link({ to, ...rest }: { to: string } & AnchorHTMLAttributes<HTMLAnchorElement>) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    go(to)
  }
  return <a {...rest} href={to} onClick={follow} />
}
