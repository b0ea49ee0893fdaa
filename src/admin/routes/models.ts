import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { modelList } from '../contract/model.ts'
import type { AdminParts } from '../ports.ts'
import { json, problems } from './answers.ts'
import { noQuery } from './no-query.ts'

const listModels = createRoute({
  method: 'get',
  path: '/api/models',
  operationId: 'listModels',
  summary: 'List models: what clients may ask for, and where it goes.',
  tags: ['Routing'],
  request: { query: noQuery },
  responses: { 200: json(modelList, 'All models of the config file.'), ...problems },
})

export function modelRoutes(parts: AdminParts): OpenAPIHono {
  return new OpenAPIHono().openapi(listModels, (http) => {
    const items = parts.models().map(({ name, strategy, targets }) => ({
      name,
      strategy,
      targets: targets.map(({ provider, model, weight, tags, priceVersion }) => ({
        provider,
        model,
        weight,
        tags: [...tags],
        priceVersion: priceVersion ?? null,
      })),
    }))
    return http.json({ items }, 200)
  })
}
