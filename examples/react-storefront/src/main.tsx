/** Starts the page once the store has said what it sells and which gateway takes its payments. */
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App.tsx'
import { loadStore } from './api.ts'
import './store.css'

const root = createRoot(document.getElementById('store') as HTMLElement)

try {
  const store = await loadStore()
  root.render(
    <StrictMode>
      <App store={store} />
    </StrictMode>,
  )
} catch {
  root.render(<p className="alone">The store is still starting. Please load this page again in a moment.</p>)
}
