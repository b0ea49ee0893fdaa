import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { providerList } from '../contract/provider.ts'
import { writeMaybeMoment, writeMoment } from '../moments.ts'
import type { AdminParts } from '../ports.ts'
import { json, problems } from './answers.ts'
import { noQuery } from './no-query.ts'

const listProviders = createRoute({
  method: 'get',
  path: '/api/providers',
  operationId: 'listProviders',
  summary: 'List providers and their health.',
  tags: ['Routing'],
  request: { query: noQuery },
  responses: { 200: json(providerList, 'All providers of the config file that are switched on.'), ...problems },
})

export function providerRoutes(parts: AdminParts): OpenAPIHono {
  return new OpenAPIHono().openapi(listProviders, async (http) => {
    const providers = await parts.providers()
    const items = providers.map(({ name, kind, origin, dialects, network, tags, targets, credentials, ...seen }) => ({
      name,
      kind,
      origin,
      dialects: [...dialects],
      network: { ...network, proxy: network.proxy ?? null, servername: network.servername ?? null },
      health: {
        successes: seen.successes,
        failures: seen.failures,
        consecutiveFailures: seen.consecutiveFailures,
        lastSuccessAt: writeMaybeMoment(seen.lastSuccessAtMs),
        lastFailure:
          seen.lastFailure === undefined
            ? null
            : { at: writeMoment(seen.lastFailure.atMs), kind: seen.lastFailure.kind },
      },
      tags: [...tags],
      targets: targets.map((target) => ({ ...target, firstContentMs: target.firstContentMs ?? null })),
      credentials: credentials.map(({ id, weight, isResting }) => ({ id, weight, isResting })),
    }))
    return http.json({ items }, 200)
  })
}
