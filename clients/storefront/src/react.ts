/** The kit as React hooks: the state of a checkout that is being opened, and of a payment that is being watched. */
import { useCallback, useEffect, useRef, useState } from 'react'
import type { Intent, State, Storefront } from './index.ts'

const idle: State = { status: 'idle' }

/** `[state, start]`: pass `start` an intent when the customer presses the button; pressing twice starts once. */
export function useCheckout(storefront: Storefront): [State, (intent: Intent) => void] {
  const [state, setState] = useState(idle)
  const isHere = useRef(true)
  useEffect(() => {
    isHere.current = true
    // The back button may bring back the page as it was left, with a button that still says "redirecting".
    const shown = (event: { persisted?: boolean }) => event.persisted && setState(idle)
    const page = globalThis as unknown as Pick<EventTarget, 'addEventListener' | 'removeEventListener'>
    page.addEventListener('pageshow', shown as never)
    return () => {
      isHere.current = false
      page.removeEventListener('pageshow', shown as never)
    }
  }, [])
  const start = useCallback(
    (intent: Intent) => {
      const tell = (next: State) => isHere.current && setState(next)
      void storefront.startCheckout(intent, tell)
    },
    [storefront],
  )
  return [state, start]
}

/** How the payment of a session stands; `confirming` until the gateway knows, and idle without a session. */
export function usePayment(storefront: Storefront, sessionId: string | null): State {
  const [state, setState] = useState<State>(sessionId === null ? idle : { status: 'confirming' })
  useEffect(() => {
    if (sessionId === null) return undefined
    return storefront.watchPayment(sessionId, setState)
  }, [storefront, sessionId])
  return state
}
