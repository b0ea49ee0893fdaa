import { createRoute, OpenAPIHono, type z } from '@hono/zod-openapi'
import {
  priceDiffBody,
  priceDiffOrder,
  priceLayersBody,
  priceLayersQuery,
  priceListBody,
  priceListQuery,
  type PriceLayersBody,
  type PriceListBody,
} from '../contract/price.ts'
import { writeMaybeMoment, writeMoment } from '../moments.ts'
import { pageBy } from '../page.ts'
import type { AdminParts, PriceLayerView, PriceSide } from '../ports.ts'
import { changeProblems, json, jsonBody, problems } from './answers.ts'

const tags = ['Usage']

const listPrices = createRoute({
  method: 'get',
  path: '/api/prices',
  operationId: 'listPrices',
  summary: 'What models cost at a moment, and which layer of the price book says so.',
  tags,
  request: { query: priceListQuery },
  responses: { 200: json(priceListBody, 'One page.'), ...problems },
})

const readLayers = createRoute({
  method: 'get',
  path: '/api/prices/layers',
  operationId: 'readPriceLayers',
  summary: 'Every price that could count for one model, the uppermost first.',
  tags,
  request: { query: priceLayersQuery },
  responses: { 200: json(priceLayersBody, 'The layers.'), ...problems },
})

const diffPrices = createRoute({
  method: 'post',
  path: '/api/prices/diff',
  operationId: 'diffPrices',
  summary: 'What costs more or less by another prices file, or at another moment. Changes nothing.',
  tags,
  request: { body: jsonBody(priceDiffOrder) },
  responses: { 200: json(priceDiffBody, 'What differs.'), ...changeProblems },
})

export function priceRoutes(parts: AdminParts): OpenAPIHono {
  const app = new OpenAPIHono()

  app.openapi(listPrices, (http) => {
    const { at, all, limit, after } = http.req.valid('query')
    const prices = parts.prices.list(at ?? parts.clock.nowMs(), all === 'true')
    const page = pageBy(prices, ({ provider, model }) => `${provider}/${model}`, { limit, after })
    return http.json(
      {
        items: page.items.map(({ provider, model, price }) => ({
          provider,
          model,
          price: price ? priceOf(price) : null,
        })),
        nextAfter: page.nextAfter,
      },
      200,
    )
  })

  app.openapi(readLayers, (http) => {
    const { provider, model, at = parts.clock.nowMs() } = http.req.valid('query')
    const layers = parts.prices.layers(provider, model, at).map((layer): PriceLayersBody['layers'][number] => ({
      ...priceOf(layer),
      isInForce: layer.isInForce,
      decides: layer.decides,
    }))
    return http.json({ provider, model, at: writeMoment(at), layers }, 200)
  })

  app.openapi(diffPrices, (http) => {
    const { before, after } = http.req.valid('json')
    const sideOf = ({ at, prices }: z.infer<typeof priceDiffOrder>['before']): PriceSide => ({
      atMs: at ?? parts.clock.nowMs(),
      file: prices,
    })
    const items = parts.prices.differences(sideOf(before), sideOf(after)).map((one) => ({
      ...one,
      before: one.before ?? null,
      after: one.after ?? null,
      rates: one.rates.map((rate) => ({ ...rate, inputOver: rate.inputOver ?? null, percent: rate.percent ?? null })),
    }))
    return http.json({ items }, 200)
  })

  return app
}

function priceOf(one: PriceLayerView): NonNullable<PriceListBody['items'][number]['price']> {
  return {
    layer: one.layer,
    pattern: one.pattern,
    priceVersion: one.version,
    from: writeMaybeMoment(one.fromMs),
    until: writeMaybeMoment(one.untilMs),
    source: one.source ?? null,
    checkedAt: one.checkedAt ?? null,
    bands: one.bands.map(({ inputOver, rates }) => ({ inputOver: inputOver ?? null, rates: { ...rates } })),
    requestFee: one.requestFee ?? null,
    notes: [...one.notes],
  }
}
