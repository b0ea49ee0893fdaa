import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { version } from '../../canonical/version.ts'
import { json, problems } from './answers.ts'
import { noQuery } from './no-query.ts'

const readOpenApi = createRoute({
  method: 'get',
  path: '/api/openapi.json',
  operationId: 'readOpenApi',
  summary: 'This description of the API.',
  tags: ['About'],
  request: { query: noQuery },
  responses: { 200: json(z.record(z.string(), z.unknown()), 'OpenAPI 3.1.'), ...problems },
})

/** In the order in which readers show them. */
const tags = ['Identity', 'Keys', 'Routing', 'Limits', 'Budgets', 'Usage', 'Config', 'Workers', 'Audit', 'About']

/** @param whole the app that holds every route, asked when the document is first wanted. */
export function openApiRoutes(whole: () => OpenAPIHono): OpenAPIHono {
  let document: Record<string, unknown> | undefined
  return new OpenAPIHono().openapi(readOpenApi, (http) => {
    document ??= describe(whole())
    return http.json(document, 200)
  })
}

function describe(app: OpenAPIHono): Record<string, unknown> {
  app.openAPIRegistry.registerComponent('securitySchemes', 'adminKey', {
    type: 'http',
    scheme: 'bearer',
    description: 'The admin key: WEIR_ADMIN_KEY of the gateway, or the one it showed at its first start.',
  })
  return {
    ...app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: {
        title: 'Weir admin API',
        version,
        description:
          'Times are RFC 3339 strings, money is decimal strings in US dollars, absent values are `null`. ' +
          'Unknown keys in bodies and queries are refused.',
        license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      },
      servers: [{ url: '/' }],
      security: [{ adminKey: [] }],
      tags: tags.map((name) => ({ name })),
    }),
  }
}
