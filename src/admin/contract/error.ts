import { z } from '@hono/zod-openapi'

// prettier-ignore
// oxfmt-ignore
/** Everything an answer of the admin API can be but a success. Kinds that clients of the data listener know keep their name and status. */
export const adminErrors = {
  invalid_request:        { status: 400, sentence: 'The request is not valid.' },
  unauthenticated:        { status: 401, sentence: 'No valid admin key was given.' },
  not_found:              { status: 404, sentence: 'There is no such thing.' },
  conflict:               { status: 409, sentence: 'What is there already stands against it.' },
  config_refused:         { status: 409, sentence: 'The config file was not taken; the last good one stays in force.' },
  request_too_large:      { status: 413, sentence: 'The request body is too large.' },
  unsupported_media_type: { status: 415, sentence: 'The request body is not plain JSON.' },
  internal:               { status: 500, sentence: 'The gateway made a mistake.' },
  overloaded:             { status: 503, sentence: 'Too many changes wait already.' },
  store_unavailable:      { status: 503, sentence: 'The store is not available.' },
} as const satisfies Record<string, { readonly status: number; readonly sentence: string }>

export type AdminErrorCode = keyof typeof adminErrors
export const adminErrorCodes = Object.keys(adminErrors) as readonly AdminErrorCode[]

export const problemBody = z
  .object({
    error: z.object({
      code: z.enum(adminErrorCodes).openapi({ description: 'Stable; meant for programs.' }),
      message: z.string().openapi({ description: 'What happened, to what, and what to do. Meant for people.' }),
      id: z.string().optional().openapi({ description: 'Only for `internal`: to be quoted when reporting it.' }),
    }),
  })
  .openapi('Problem')

export type ProblemBody = z.infer<typeof problemBody>
