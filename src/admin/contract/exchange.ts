import { z } from '@hono/zod-openapi'
import type { Nanos } from '../../canonical/money.ts'
import { usageRecordColumns, usageRecordFields, type UsageRecord } from '../../canonical/usage-record.ts'
import { decisionBody, type DecisionBody } from './decision.ts'
import { moment, usd } from './field.ts'

/** Names follow from the record's by rule: `costNanos` is told as `costUsd`, `startedAtMs` as `startedAt`. */
type ApiName<Field extends string> = Field extends `${infer Name}Nanos`
  ? `${Name}Usd`
  : Field extends `${infer Name}AtMs`
    ? `${Name}At`
    : Field

type ApiValue<Field extends keyof UsageRecord> = Field extends 'metadata'
  ? Readonly<Record<string, string>>
  : Field extends 'decision'
    ? Readonly<Record<string, unknown>> | null
    :
        | (Field extends `${string}AtMs`
            ? string
            : Exclude<UsageRecord[Field], undefined> extends Nanos
              ? string
              : Exclude<UsageRecord[Field], undefined>)
        | (undefined extends UsageRecord[Field] ? null : never)

export type UsageRecordBody = { readonly [Field in keyof UsageRecord as ApiName<Field>]: ApiValue<Field> }

export function apiName(field: keyof UsageRecord): string {
  return field.replace(/Nanos$/, 'Usd').replace(/AtMs$/, 'At')
}

// Above what uses them: the schema is made when this file is read.
const schemas = {
  text: z.string(),
  integer: z.int(),
  real: z.number(),
  boolean: z.boolean(),
  nanos: usd,
} as const

/** Text in the record that is JSON, told as what it is. */
export const jsonSchemas: Readonly<Partial<Record<keyof UsageRecord, z.ZodType>>> = {
  metadata: z.record(z.string(), z.string()),
  decision: z.record(z.string(), z.unknown()).openapi({
    description:
      'With the last record of an exchange: what its `decision` is made from, besides the records themselves.',
  }),
}

/** Made from the one description of a usage record, so that a new column shows here on the day it is added. */
export const usageRecordBody = z
  .object(Object.fromEntries(usageRecordFields.map((field) => [apiName(field), schemaOf(field)])))
  .openapi('UsageRecord')

function schemaOf(field: keyof UsageRecord): z.ZodType {
  const { kind, isOptional } = usageRecordColumns[field]
  const schema = jsonSchemas[field] ?? (isMoment(field) ? moment : schemas[kind])
  return isOptional ? schema.nullable() : schema
}

export function isMoment(field: keyof UsageRecord): boolean {
  return field.endsWith('AtMs')
}

export const exchangePath = z.object({ id: z.string().min(1).max(128) })

const adjustmentBody = z.object({
  attempt: z.int().nullable(),
  at: moment,
  actor: z.string(),
  kind: z.enum(['rerate', 'resolve']),
  amountUsd: usd,
  detail: z.record(z.string(), z.unknown()).openapi({
    description:
      'Of `rerate`: the price and the rates it was made with. Of `resolve`: what it came to, and the `reason`.',
  }),
})

export const exchangeBody = z
  .object({
    id: z.string(),
    records: z.array(usageRecordBody).openapi({
      description:
        'One per attempt, in order. Attempt 0: refused before any provider was asked. Last, -1: no attempt, but what guardrails saw afterwards.',
    }),
    adjustments: z
      .array(adjustmentBody)
      .openapi({ description: 'What its cost was changed by afterwards. The records stay as they are.' }),
    decision: decisionBody.nullable().openapi({
      description:
        'Why it went where it went. `null`: none was kept, since the exchange is under way or was interrupted.',
    }),
  })
  .openapi('Exchange')

export interface ExchangeBody {
  readonly id: string
  readonly records: readonly UsageRecordBody[]
  readonly adjustments: readonly z.infer<typeof adjustmentBody>[]
  readonly decision: DecisionBody | null
}
