import { z } from '@hono/zod-openapi'
import { countInQuery, moment } from './field.ts'
import { pageOf, pageQuery } from './page.ts'

export const auditBody = z
  .object({
    sequence: z.int().openapi({ description: 'From 1, without gaps.' }),
    at: moment,
    actor: z.string().openapi({
      description:
        '`admin`, `system`, `config` with a version; `file` and `signal`, where the config was read anew since a file changed or on `SIGHUP`.',
      example: 'admin',
    }),
    action: z.string().openapi({ example: 'key.create' }),
    target: z.string().openapi({ example: 'key a1B2c3D4e5' }),
    detail: z.record(z.string(), z.unknown()),
    previousChainHash: z.string(),
    chainHash: z.string().openapi({ description: 'SHA-256 over the previous one and every field of this entry.' }),
  })
  .openapi('AuditEntry')

export const auditPage = pageOf(auditBody).openapi('AuditPage')

export const auditListQuery = z.strictObject({
  limit: pageQuery.limit,
  after: countInQuery(0, Number.MAX_SAFE_INTEGER).optional().openapi({
    type: 'integer',
    minimum: 0,
    description: 'The `nextAfter` of the page before. Default 0: from the first.',
  }),
})

export const auditVerdictBody = z
  .discriminatedUnion('isIntact', [
    z.object({ isIntact: z.literal(true), entries: z.int(), lastChainHash: z.string() }),
    z.object({ isIntact: z.literal(false), brokenAtSequence: z.int(), reason: z.string() }),
  ])
  .openapi('AuditVerdict')

export type AuditEntryBody = z.infer<typeof auditBody>
export type AuditPage = z.infer<typeof auditPage>
export type AuditVerdictBody = z.infer<typeof auditVerdictBody>
