import { z } from '@hono/zod-openapi'
import { budgets, limits, managedBy, modelPatterns, moment, name, requiredTags } from './field.ts'
import { pageOf, pageQuery } from './page.ts'

export const keyDefaults = {
  expiryDays: 90,
  expiryDaysMost: 3_650,
  overlapSeconds: 86_400,
  overlapSecondsMost: 30 * 86_400,
} as const

const expiry = {
  expiresAt: moment
    .nullable()
    .optional()
    .openapi({
      description:
        'From this moment on the key is refused. An explicit `null` makes a key that never expires. ' +
        `Absent, and \`expiresInDays\` absent too: ${keyDefaults.expiryDays} days from now.`,
    }),
  expiresInDays: z
    .int()
    .min(1)
    .max(keyDefaults.expiryDaysMost)
    .optional()
    .openapi({ description: 'Instead of `expiresAt`: so many days from now.' }),
}

const saysOneExpiry = (body: { readonly expiresAt?: unknown; readonly expiresInDays?: unknown }) =>
  body.expiresAt === undefined || body.expiresInDays === undefined
const oneExpiry = { path: ['expiresInDays'], message: 'give expiresAt or expiresInDays, not both' }

export const newKey = z
  .strictObject({
    name: name.openapi({ description: 'For people to tell keys apart.', example: 'ci' }),
    organisation: name,
    team: name.optional(),
    project: name.optional().openapi({ description: 'A project of the team.' }),
    user: name.optional().openapi({ description: 'The person the key is for.' }),
    agent: name.optional().openapi({ description: 'The agent the key is for.' }),
    models: modelPatterns
      .nullable()
      .optional()
      .openapi({ description: 'Allowed models of this key; absent or `null`: whatever its owners allow.' }),
    require: requiredTags
      .nullable()
      .optional()
      .openapi({ description: 'Tags that a target must have, besides those its owners require.' }),
    limits: limits.nullable().optional().openapi({ description: "Limits of this key, under its owners' own." }),
    budgets: budgets.nullable().optional().openapi({ description: "Budgets of this key, under its owners' own." }),
    ...expiry,
  })
  .refine(saysOneExpiry, oneExpiry)
  .refine((body) => body.project === undefined || body.team !== undefined, {
    path: ['team'],
    message: 'a project belongs to a team: give the team too',
  })
  .openapi('NewKey')

export const keyRotation = z
  .strictObject({
    overlapSeconds: z
      .int()
      .min(0)
      .max(keyDefaults.overlapSecondsMost)
      .optional()
      .openapi({
        description: `How long the old key still works. Default ${keyDefaults.overlapSeconds} (a day), at most 30 days. It never works longer than it would have.`,
      }),
    expiresAt: moment
      .nullable()
      .optional()
      .openapi({
        description:
          'When the new key ends; `null`: never. Absent, and `expiresInDays` absent too: as long from now as the old ' +
          'key was made to live, and never when that was made to last.',
      }),
    expiresInDays: expiry.expiresInDays,
  })
  .refine(saysOneExpiry, oneExpiry)
  .openapi('KeyRotation')

export const keyStatuses = ['active', 'expired', 'revoked', 'ownerless'] as const

/** There is no field for a hash, here or anywhere in this contract (failures.md A4). */
const keyFields = {
  id: z.string().openapi({
    description: 'The ten characters in the key itself; for a key of the config file its path.',
    example: 'a1B2c3D4e5',
  }),
  name: z.string(),
  last4: z.string().nullable().openapi({ description: 'The last four characters of the key.' }),
  organisation: z.string(),
  team: z.string().nullable(),
  project: z.string().nullable(),
  user: z.string().nullable(),
  agent: z.string().nullable(),
  models: z.array(z.string()).nullable(),
  require: z.array(z.string()).nullable(),
  limits: limits.nullable().openapi({ description: 'Limits of this key; `null`: it has none of its own.' }),
  budgets: z
    .record(z.string(), z.unknown())
    .nullable()
    .openapi({ description: 'Budgets of this key, as they were set up; `null`: it has none of its own.' }),
  managedBy,
  status: z.enum(keyStatuses).openapi({
    description: 'Only an `active` key works. `ownerless`: its organisation, team or project is gone.',
  }),
  createdAt: moment.nullable().openapi({ description: '`null` for a key of the config file.' }),
  expiresAt: moment.nullable().openapi({ description: '`null`: never.' }),
  revokedAt: moment.nullable(),
}

const keyItself = z.string().openapi({
  description: 'The key itself, shown in this answer and never again: only a keyed hash of it is kept.',
})

export const keyBody = z.object(keyFields).openapi('Key')
export const madeKeyBody = z.object({ ...keyFields, key: keyItself }).openapi('MadeKey')
export const rotatedKeyBody = z
  .object({
    ...keyFields,
    key: keyItself,
    replaces: z
      .object({ id: z.string(), expiresAt: moment })
      .openapi({ description: 'The old key, and when it ends.' }),
  })
  .openapi('RotatedKey')
export const keyPage = pageOf(keyBody).openapi('KeyPage')

export const keyPath = z.object({ id: z.string().min(1).max(512) })
export const keyListQuery = z.strictObject({
  ...pageQuery,
  name: name.optional(),
  organisation: name.optional(),
  team: name.optional(),
  project: name.optional(),
  user: name.optional(),
  agent: name.optional(),
  status: z.enum(keyStatuses).optional(),
  managedBy: managedBy.optional(),
})

export type KeyBody = z.infer<typeof keyBody>
export type MadeKeyBody = z.infer<typeof madeKeyBody>
export type RotatedKeyBody = z.infer<typeof rotatedKeyBody>
export type KeyPage = z.infer<typeof keyPage>
export type NewKey = z.infer<typeof newKey>
