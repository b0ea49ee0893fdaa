import { randomBytes } from 'node:crypto'
import { OpenAPIHono } from '@hono/zod-openapi'
import { openIds } from '../canonical/ids.ts'
import { openChanges } from './changes.ts'
import { guard } from './guard.ts'
import type { AdminParts } from './ports.ts'
import { AdminProblem, answerProblem } from './problem.ts'
import { readBody } from './read-body.ts'
import { refuseQuery } from './refuse-query.ts'
import { auditRoutes } from './routes/audit.ts'
import { budgetHistoryRoutes } from './routes/budget-history.ts'
import { budgetRoutes } from './routes/budgets.ts'
import { configRoutes } from './routes/config.ts'
import { doubtRoutes } from './routes/doubts.ts'
import { entityRoutes } from './routes/entities.ts'
import { exchangeRoutes } from './routes/exchanges.ts'
import { grantRoutes } from './routes/grants.ts'
import { keyRoutes } from './routes/keys.ts'
import { ledgerRoutes } from './routes/ledger.ts'
import { limitRoutes } from './routes/limits.ts'
import { modelRoutes } from './routes/models.ts'
import { openApiRoutes } from './routes/open-api.ts'
import { priceRoutes } from './routes/prices.ts'
import { providerRoutes } from './routes/providers.ts'
import { rerateRoutes } from './routes/rerate.ts'
import { publicRoutes } from './routes/public.ts'
import { usageRecordRoutes } from './routes/usage-records.ts'
import { usageRoutes } from './routes/usage.ts'
import { workerRoutes } from './routes/workers.ts'
import { schemaProblem } from './schema-problem.ts'
import { securityHeaders } from './security-headers.ts'

/** The admin API, as a function of a Request: nothing listens until `serveAdmin`. */
export function openAdmin(parts: AdminParts): { readonly app: OpenAPIHono } {
  const changes = openChanges(parts)
  const bugId = openIds(parts.clock, randomBytes)
  const app: OpenAPIHono = new OpenAPIHono({
    defaultHook: (result, http) => {
      if (!result.success) throw schemaProblem(app, http, result)
    },
  })
  app.onError((thrown, http) =>
    answerProblem(thrown, http, (bug) => {
      const id = bugId()
      parts.onBug(bug, id)
      return id
    }),
  )
  app.notFound(() => {
    throw new AdminProblem('not_found', 'There is no such path, or it does not accept this method.')
  })

  // The order is the point: nothing is read of a caller who is not known, and no route sees an unread body.
  app.use(securityHeaders(), guard(parts), refuseQuery(), readBody())
  app.route('/', publicRoutes(parts))
  for (const kind of ['organisation', 'team', 'project', 'user', 'agent'] as const)
    app.route('/', entityRoutes(kind, parts, changes))
  app.route('/', keyRoutes(parts, changes))
  app.route('/', modelRoutes(parts))
  app.route('/', providerRoutes(parts))
  app.route('/', limitRoutes(parts))
  app.route('/', budgetRoutes(parts))
  app.route('/', budgetHistoryRoutes(parts))
  app.route('/', ledgerRoutes(parts, changes))
  app.route('/', doubtRoutes(parts, changes))
  app.route('/', grantRoutes(parts, changes))
  app.route('/', usageRoutes(parts))
  app.route('/', usageRecordRoutes(parts))
  app.route('/', exchangeRoutes(parts))
  app.route('/', priceRoutes(parts))
  app.route('/', rerateRoutes(parts, changes))
  app.route('/', configRoutes(parts, changes))
  app.route('/', workerRoutes(parts, changes))
  app.route('/', auditRoutes(parts))
  app.route(
    '/',
    openApiRoutes(() => app),
  )
  return { app }
}
