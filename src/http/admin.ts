/**
 * Administration: merchants, and what belongs to each. What stands above `allowDeployer` is open to a merchant's own
 * administrators too; everything else needs the ADMIN_TOKEN.
 */
import { Hono } from 'hono'
import { connections } from './admin-connections.ts'
import { keys, operators } from './admin-keys.ts'
import { adminLog } from './admin-log.ts'
import { merchants } from './admin-merchants.ts'
import { rebuilds } from './admin-rebuild.ts'
import { allowDeployer } from './auth.ts'
import type { Gateway } from './gateway.ts'

export const admin = new Hono<Gateway>()
  .route('/merchants/:merchantId/keys', keys)
  .route('/merchants/:merchantId/operators', operators)
  .route('/merchants/:merchantId/connections', connections)
  .route('/merchants/:merchantId/log', adminLog)
  .use(allowDeployer())
  .route('/merchants', merchants)
  .route('/rebuild', rebuilds)
