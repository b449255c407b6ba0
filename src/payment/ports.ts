/** What the Worker's verbs need besides the payment's object: who speaks to which provider. */
import type { Provider } from '../domain/provider.ts'

/** Finds the adapter of a connection; null when there is none. Throws `temporarily_unavailable` when it cannot know. */
export type Providers = (connectionId: string) => Promise<Provider | null>
