import { z } from 'zod'
import { readUsd } from '../canonical/money.ts'
import { reservedFor, type DeclaredReserve, type NativePath, type Provider } from './provider.ts'

const most = 1e15

/** An amount that is declared, since no call bounds it. */
export const declaredReserve = z.strictObject({
  usd: z
    .string()
    .refine((text) => (readUsd(text) ?? -1n) >= 0n, 'must be dollars such as "5" or "0.25"')
    .describe('In US dollars.')
    .optional(),
  tokens: z.int().min(0).max(most).describe('Input and output tokens together.').optional(),
})

export const reserveSettings = z
  .strictObject({
    batches: declaredReserve.describe('For each batch, until it tells what it used.').optional(),
    caches: declaredReserve.describe('For each cache of content that is made or kept longer.').optional(),
    realtime: declaredReserve
      .describe('For each realtime session; the same again whenever three quarters of it are used.')
      .optional(),
    vectorStores: declaredReserve
      .describe('For each vector store that is made: what it is to keep, and for how long, no call tells.')
      .optional(),
    containers: declaredReserve.describe('For each container that is made.').optional(),
  })
  .describe(
    'What is set aside in budgets for what no call bounds. Without it, such calls are refused under a budget in dollars or tokens.',
  )

export const nativeSettings = z
  .array(
    z.strictObject({
      path: z
        .string()
        .regex(/^\/[\w.~:@/-]{0,500}(?:\/\*)?$/, 'must be a path such as /v1/fine_tuning/jobs, or one that ends in /*')
        .describe("As the provider's host has it. `/*` at its end stands for whatever follows."),
      methods: z
        .array(z.enum(['GET', 'POST', 'DELETE', 'PATCH']))
        .min(1)
        .describe('Which methods are let through.'),
      reserve: declaredReserve
        .describe(
          'What is set aside and counted for each call, until its answer tells what it used. `usd: "0"`: it costs nothing. Absent: refused under a budget in dollars or tokens.',
        )
        .optional(),
    }),
  )
  .max(100)
  .describe(
    'Further paths of this provider, under `/native/NAME`. What they name is not known here, so it is shared by all who may call.',
  )

export function nativeOf(settings: z.infer<typeof nativeSettings> | undefined): readonly NativePath[] | undefined {
  return settings?.map(({ path, methods, reserve }) => ({ path, methods, reserve: reserve && declaredOf(reserve) }))
}

export function reservesOf(settings: z.infer<typeof reserveSettings> | undefined): Provider['reserves'] {
  if (!settings) return undefined
  return Object.fromEntries(
    reservedFor.flatMap((name) => {
      const declared = settings[name]
      return declared ? [[name, declaredOf(declared)]] : []
    }),
  )
}

export function declaredOf({ usd, tokens }: z.infer<typeof declaredReserve>): DeclaredReserve {
  return { usd: usd === undefined ? undefined : readUsd(usd), tokens }
}
