import { z } from '@hono/zod-openapi'
import { moment } from './field.ts'
import { pageOf, pageQuery } from './page.ts'
import { momentParam, when } from './usage-filter.ts'

/** A prices file that comes with the call. */
export const trialFile = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(255)
      // Not as `regex`: its flag cannot be said in an OpenAPI document.
      .refine(
        (text) => !/[/\\\p{C}\p{Zl}\p{Zp}]/u.test(text),
        'must be the name of a file without its folder: it holds a slash, a backslash or a control character',
      )
      .openapi({ description: 'Its file name, without its folder.', example: 'prices.yaml' }),
    text: z.string().openapi({ description: 'The file, as it is.' }),
  })
  .openapi('TrialPrices', {
    description:
      'A prices file to be used in the place of the one of this name, or above all of them. Absent: the book in force.',
  })

const at = when.optional().openapi({ ...momentParam, description: 'At this moment. Default: now.' })
const name = z.string().min(1).max(256)
const rates = z.record(z.string(), z.string()).openapi({ description: 'US dollars per million, by component.' })

const layerFields = {
  layer: z.string().openapi({ description: 'config, prices-file@<version> or the built-in list.' }),
  pattern: z.string().openapi({ description: 'The name or pattern that it is written for.' }),
  priceVersion: z.string(),
  from: moment.nullable(),
  until: moment.nullable().openapi({ description: 'Exclusive.' }),
  source: z.string().nullable(),
  checkedAt: z.string().nullable(),
  bands: z.array(z.object({ inputOver: z.int().nullable(), rates })).openapi({
    description: 'By the length of the whole input; the first is for every call.',
  }),
  requestFee: z.string().nullable().openapi({ description: 'US dollars per million calls, beside the rates.' }),
  notes: z.array(z.string()).openapi({ description: 'What the list leaves open, and how it is charged.' }),
}

export const priceListQuery = z.strictObject({
  at,
  all: z.enum(['true', 'false']).optional().openapi({ description: 'Also every model of the built-in list.' }),
  ...pageQuery,
})

export const priceListBody = pageOf(
  z.object({
    provider: z.string(),
    model: z.string(),
    price: z.object(layerFields).nullable().openapi({ description: '`null`: there is none, its cost is unknown.' }),
  }),
).openapi('PriceList')

export const priceLayersQuery = z.strictObject({ provider: name, model: name, at })

export const priceLayersBody = z
  .object({
    provider: z.string(),
    model: z.string(),
    at: moment,
    layers: z
      .array(z.object({ ...layerFields, isInForce: z.boolean(), decides: z.boolean() }))
      .openapi({ description: 'The uppermost first. Empty: there is no price.' }),
  })
  .openapi('PriceLayers')

const side = z.strictObject({ at: at, prices: trialFile.optional() })

export const priceDiffOrder = z.strictObject({ before: side, after: side }).openapi('PriceDiffOrder')

export const priceDiffBody = z
  .object({
    items: z.array(
      z.object({
        provider: z.string(),
        model: z.string(),
        kind: z.enum(['new', 'gone', 'dearer', 'cheaper', 'mixed']),
        before: z.string().nullable().openapi({ description: 'The price version.' }),
        after: z.string().nullable(),
        rates: z.array(
          z.object({
            component: z.string(),
            inputOver: z.int().nullable(),
            before: z.string(),
            after: z.string(),
            percent: z.number().nullable().openapi({ description: '`null`: it was free.' }),
            isJump: z.boolean().openapi({ description: 'More than tenfold: is the unit right?' }),
          }),
        ),
      }),
    ),
  })
  .openapi('PriceDiff')

export type PriceListBody = z.infer<typeof priceListBody>
export type PriceLayersBody = z.infer<typeof priceLayersBody>
export type PriceDiffOrder = z.input<typeof priceDiffOrder>
export type PriceDiffBody = z.infer<typeof priceDiffBody>
