/** Small things that the browser keeps over visits, and that all tabs of the store share. */
import { useCallback, useSyncExternalStore } from 'react'

const changed = new EventTarget()

/** The text under a name, made and kept now if there is none. */
export function remembered(name: string, make: () => string): string {
  const known = read(name)
  if (known !== null) return known
  const made = make()
  remember(name, made)
  return made
}

/** State that survives the visit and follows other tabs. */
export function useRemembered(name: string, otherwise: string): [string, (value: string) => void] {
  const value = useSyncExternalStore(subscribe, () => read(name) ?? otherwise)
  return [value, useCallback((next: string) => remember(name, next), [name])]
}

// What a browser refuses to keep lasts as long as the page.
const unkept = new Map<string, string>()

function read(name: string): string | null {
  try {
    return unkept.get(name) ?? localStorage.getItem(`store:${name}`)
  } catch {
    return null
  }
}

function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`store:${name}`, value)
  } catch {
    unkept.set(name, value)
  }
  changed.dispatchEvent(new Event('change'))
}

function subscribe(heard: () => void): () => void {
  changed.addEventListener('change', heard)
  window.addEventListener('storage', heard)
  // A page that the back button brings back as it was left has missed what happened since.
  window.addEventListener('pageshow', heard)
  return () => {
    changed.removeEventListener('change', heard)
    window.removeEventListener('storage', heard)
    window.removeEventListener('pageshow', heard)
  }
}
