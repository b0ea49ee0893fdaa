import { z } from '@hono/zod-openapi'
import { moment } from './field.ts'

export const configBody = z
  .object({
    version: z.string().openapi({ description: 'Names the text of the file; each usage record carries it.' }),
    file: z.string(),
    loadedAt: moment,
    warnings: z.array(z.string()).openapi({ description: 'Unpriced models, providers that are switched off.' }),
    lastReloadProblem: z
      .string()
      .nullable()
      .openapi({ description: 'Why the newest version of the file was not taken; `null` when it was.' }),
  })
  .openapi('Config')

export const reloadBody = z.object({ version: z.string(), warnings: z.array(z.string()) }).openapi('Reload')

export type ConfigBody = z.infer<typeof configBody>
export type ReloadBody = z.infer<typeof reloadBody>
