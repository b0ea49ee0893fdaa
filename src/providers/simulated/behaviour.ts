import { z } from 'zod'

/**
 * What a caller can ask of the simulated provider, by a query string behind the model name: `sim-1?status=429&times=2`.
 * This is the whole grammar. A parameter that is not here is answered with 400, so that a typo is seen.
 */
const parameters = z.strictObject({
  delay_ms: upTo(3_600_000).describe('Wait this long before the head of the answer.'),
  first_token_ms: upTo(3_600_000).describe('From the head (or, without a stream, from the start) to the first token.'),
  token_ms: upTo(600_000).describe('Between tokens.'),
  tokens: upTo(1_000_000).describe('The length of the answer, in tokens.'),
  text: z.string().max(1_000_000).describe('The exact text of the answer.').optional(),

  status: upTo(599)
    .refine((status) => status === undefined || status >= 400, 'must be 400 to 599')
    .describe('Fail with this status.'),
  retry_after: z
    .string()
    .regex(/^[\x20-\x7e]{1,100}$/)
    .describe('The Retry-After header of a failure, as it is: seconds, a date, or nonsense.')
    .optional(),
  html: flag().describe('The body is an HTML page.'),
  bad_json: flag().describe('Unary: the JSON ends half way. Stream: one line of data is no JSON.'),
  error_after: upTo(1_000_000).describe(
    'Stream: an error event after so many content events. Unary: an error with status 200.',
  ),
  cut_after: upTo(1_000_000).describe(
    'Break the connection after so many content events. Unary: half way through the body.',
  ),
  cut: z
    .enum(['rst', 'fin', 'end', 'headers', 'before_headers'])
    .describe(
      'How it is broken: a reset (default), a bare FIN, or an orderly end of the HTTP body without the events that end ' +
        'an answer; `headers`: a reset right behind the head; `before_headers`: a reset instead of it. Alone, `rst`, `fin` ' +
        'and `end` come when all content is out.',
    )
    .optional(),
  stall_after: upTo(1_000_000).describe('Fall silent after so many content events. Unary: never answer.'),
  times: upTo(1_000_000).describe(
    'Fail (all of the above from `status` on) only so many times for this very model name.',
  ),

  usage: z
    .enum(['none', 'null', 'negative', 'twice'])
    .describe('Tell no usage, null, negative numbers, or tell it twice.')
    .optional(),
  bills: z
    .enum(['to_end'])
    .describe('Go on when the client has gone, and bill the whole answer. Default: stop, and bill what was made.')
    .optional(),
})

type Parameters = z.infer<typeof parameters>

/** How one exchange shall behave. Faults are what `times` limits. */
export interface Behaviour {
  readonly delayMs: number | undefined
  readonly firstTokenMs: number | undefined
  readonly tokenMs: number | undefined
  readonly tokens: number | undefined
  readonly text: string | undefined
  readonly faults: Faults
  /** How often the faults occur; `undefined`: always. */
  readonly faultTimes: number | undefined
  readonly usage: Parameters['usage']
  readonly billsToEnd: boolean
}

export interface Faults {
  readonly status: number | undefined
  readonly retryAfter: string | undefined
  readonly isHtml: boolean
  readonly isBadJson: boolean
  readonly errorAfter: number | undefined
  readonly cutAfter: number | undefined
  readonly cut: Parameters['cut']
  readonly stallAfter: number | undefined
}

export const noFaults: Faults = {
  status: undefined,
  retryAfter: undefined,
  isHtml: false,
  isBadJson: false,
  errorAfter: undefined,
  cutAfter: undefined,
  cut: undefined,
  stallAfter: undefined,
}

export type AskedModel =
  | { readonly isValid: true; readonly baseName: string; readonly behaviour: Behaviour }
  | { readonly isValid: false; readonly message: string }

/** Reads a model name with its query string. The base name, what stands before `?`, may be any. */
export function readModelName(modelName: string): AskedModel {
  const mark = modelName.indexOf('?')
  const baseName = mark < 0 ? modelName : modelName.slice(0, mark)
  const query = [...new URLSearchParams(mark < 0 ? '' : modelName.slice(mark + 1))]
  const repeated = query.find(([name], place) => query.findIndex(([other]) => other === name) < place)
  if (repeated) return { isValid: false, message: `the model's parameter "${repeated[0]}" is given twice` }
  const read = parameters.safeParse(Object.fromEntries(query))
  if (!read.success) return { isValid: false, message: `the model's parameters: ${z.prettifyError(read.error)}` }
  return { isValid: true, baseName, behaviour: behaviourOf(read.data) }
}

function behaviourOf(asked: Parameters): Behaviour {
  return {
    delayMs: asked.delay_ms,
    firstTokenMs: asked.first_token_ms,
    tokenMs: asked.token_ms,
    tokens: asked.tokens,
    text: asked.text,
    faults: {
      status: asked.status,
      retryAfter: asked.retry_after,
      isHtml: asked.html ?? false,
      isBadJson: asked.bad_json ?? false,
      errorAfter: asked.error_after,
      cutAfter: asked.cut_after,
      cut: asked.cut ?? (asked.cut_after === undefined ? undefined : 'rst'),
      stallAfter: asked.stall_after,
    },
    faultTimes: asked.times,
    usage: asked.usage,
    billsToEnd: asked.bills === 'to_end',
  }
}

function upTo(most: number) {
  return z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value <= most, `must be at most ${most}`)
    .optional()
}

function flag() {
  return z
    .enum(['0', '1'])
    .transform((value) => value === '1')
    .optional()
}
