import { createHash } from 'node:crypto'
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { version } from '../../canonical/version.ts'
import type { AdminParts } from '../ports.ts'
import { styledPagePolicy } from '../security-headers.ts'
import { problems } from './answers.ts'

const tags = ['About']
const security: Record<string, string[]>[] = []

const text = (mediaType: string, description: string) => ({
  200: { description, content: { [mediaType]: { schema: z.string() } } },
  500: problems[500],
})

const readPage = createRoute({
  method: 'get',
  path: '/',
  operationId: 'readPage',
  summary: 'A page that says what this is.',
  tags,
  security,
  responses: text('text/html', 'The page.'),
})

const readHealth = createRoute({
  method: 'get',
  path: '/healthz',
  operationId: 'readHealth',
  summary: 'Whether the admin listener answers.',
  tags,
  security,
  responses: text('text/plain', 'It does.'),
})

const readMetrics = createRoute({
  method: 'get',
  path: '/metrics',
  operationId: 'readMetrics',
  summary: 'Metrics for Prometheus.',
  tags,
  security,
  responses: text('text/plain', 'Prometheus text format.'),
})

/** What answers without the admin key; `publicPaths` names the same paths, and a test holds them together. */
export function publicRoutes(parts: AdminParts): OpenAPIHono {
  const app = new OpenAPIHono()
  const styleHash = `sha256-${createHash('sha256').update(style).digest('base64')}`
  app.openapi(readPage, (http) => http.html(page, 200, { 'content-security-policy': styledPagePolicy(styleHash) }))
  app.openapi(readHealth, (http) => http.text('ok\n', 200))
  app.openapi(readMetrics, async (http) => {
    const { contentType, text: told } = await parts.metrics()
    return http.body(told, 200, { 'content-type': contentType })
  })
  return app
}

const style = `
  :root { color-scheme: light dark }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem }
  code { font: 0.9em ui-monospace, monospace }
`

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Weir admin</title>
<style>${style}</style>
</head>
<body>
<h1>Weir</h1>
<p>This is the admin listener of Weir ${version}, an AI gateway. Clients do not connect here but to its data listener.</p>
<p>The API is at <code>/api</code>, described by <code>/api/openapi.json</code>, and wants
<code>Authorization: Bearer $WEIR_ADMIN_KEY</code>. <a href="/metrics">Metrics</a> are for Prometheus.</p>
<p>On the command line: <code>weir keys create</code>, <code>weir usage</code>, <code>weir audit</code>;
<code>weir --help</code> lists the rest.</p>
</body>
</html>
`
