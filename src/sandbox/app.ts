/** The sandbox: a payment provider in test mode, served beside the gateway and a stranger to it. Mounted at `/sandbox`. */
import { Hono } from 'hono'
import { api, type SandboxBindings } from './api.ts'
import { page } from './page.ts'

export type { SandboxBindings }

export const sandbox = new Hono<{ Bindings: SandboxBindings }>().route('/api', api).route('/checkout', page)
