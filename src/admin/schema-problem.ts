import { z, type OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { routePath } from 'hono/route'
import { pathText } from '../config/problem.ts'
import { judge, type SchemaProblem } from '../config/schema-problems.ts'
import { AdminProblem } from './problem.ts'

/** More are counted, not listed. */
const listedProblemLimit = 10

/** What a route refused: the body, the query, or what stands in its path. */
export interface Refused {
  readonly target: string
  readonly data?: unknown
}

/**
 * Says what is wrong with it in the words of the config. The framework judges by the same schemas, but cannot be given words: what it
 * refused is judged anew.
 */
export function schemaProblem(app: OpenAPIHono, http: Context, { target, data }: Refused): AdminProblem {
  const schema = schemaAt(app, http, target)
  if (schema === undefined) throw new Error(`no schema is known of the ${target} at ${routePath(http)}`)
  const verdict = judge(data, schema)
  if (verdict.ok) throw new Error(`the ${target} at ${routePath(http)} was refused and is right`)
  const told = verdict.problems.slice(0, listedProblemLimit).map((problem) => sentenceOf(problem, target, data))
  const rest = verdict.problems.length - told.length
  return new AdminProblem('invalid_request', [...told, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; '))
}

function schemaAt(app: OpenAPIHono, http: Context, target: string): z.ZodType | undefined {
  const path = routePath(http).replaceAll(/:(\w+)/g, '{$1}')
  const method = http.req.method === 'HEAD' ? 'get' : http.req.method.toLowerCase()
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== 'route' || definition.route.path !== path || definition.route.method !== method) continue
    const { query, params, body } = definition.route.request ?? {}
    const json = body?.content['application/json']
    const schemas = new Map<string, unknown>([
      ['query', query],
      ['param', params],
      ['json', json !== undefined && 'schema' in json ? json.schema : undefined],
    ])
    const schema = schemas.get(target)
    return schema instanceof z.ZodType ? schema : undefined
  }
  return undefined
}

function sentenceOf({ path, message, hint }: SchemaProblem, target: string, data: unknown): string {
  const [name] = path
  // Every parameter is one text: there is a list only where it came more than once.
  const isRepeated = target === 'query' && name !== undefined && Array.isArray(Reflect.get(Object(data), name))
  const words = isRepeated ? 'is given more than once; give it once' : message
  return [path.length === 0 ? words : `${pathText(path)}: ${words}`, ...(hint === undefined ? [] : [hint])].join('; ')
}
