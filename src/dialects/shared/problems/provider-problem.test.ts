import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { corpusDir } from '../../../../test/corpus.ts'
import { errorTable, type ErrorKind } from '../../../canonical/error.ts'
import type { Json } from '../../../canonical/json.ts'
import { dialects } from '../../all.ts'
import { anyCall } from '../../laws/meanings.ts'
import { readProviderProblem } from './provider-problem.ts'

const openAi = (message: string, type: string | null = null, code: string | number | null = null): Json => ({
  error: { message, type, param: null, code },
})

/** OpenAI API description 2.3.0, 2026-08: `ResponseErrorCode`, in its order. */
const kindsOfCodes: Readonly<Record<string, ErrorKind>> = {
  server_error: 'upstream_unavailable',
  rate_limit_exceeded: 'upstream_rate_limited',
  invalid_prompt: 'upstream_rejected',
  data_residency_mismatch: 'upstream_rejected',
  bio_policy: 'content_policy',
  vector_store_timeout: 'upstream_timeout',
  invalid_image: 'upstream_rejected',
  invalid_image_format: 'upstream_rejected',
  invalid_base64_image: 'upstream_rejected',
  invalid_image_url: 'upstream_rejected',
  image_too_large: 'upstream_rejected',
  image_too_small: 'upstream_rejected',
  image_parse_error: 'upstream_rejected',
  image_content_policy_violation: 'content_policy',
  invalid_image_mode: 'upstream_rejected',
  image_file_too_large: 'upstream_rejected',
  unsupported_image_media_type: 'upstream_rejected',
  empty_image_file: 'upstream_rejected',
  failed_to_download_image: 'upstream_rejected',
  image_file_not_found: 'upstream_rejected',
}

/** `undefined` without a corpus. */
function publishedCodes(): readonly string[] | undefined {
  if (corpusDir === undefined) return undefined
  const schema = z.object({ enum: z.array(z.string()) })
  return z
    .object({ components: z.object({ schemas: z.object({ ResponseErrorCode: schema }) }) })
    .parse(JSON.parse(readFileSync(join(corpusDir, 'specs', 'openai.openapi.json'), 'utf8'))).components.schemas
    .ResponseErrorCode.enum
}

describe('a provider’s problem', () => {
  const cases: readonly (readonly [number | undefined, Json | undefined, ErrorKind])[] = [
    // By status alone: an empty body, a web page.
    [400, undefined, 'upstream_rejected'],
    [401, undefined, 'upstream_credential'],
    [402, undefined, 'upstream_credential'],
    [403, undefined, 'upstream_credential'],
    [404, undefined, 'model_not_found'],
    [408, undefined, 'upstream_timeout'],
    [409, undefined, 'upstream_rejected'],
    [413, undefined, 'request_too_large'],
    [422, undefined, 'upstream_rejected'],
    [429, undefined, 'upstream_rate_limited'],
    [500, undefined, 'upstream_unavailable'],
    [502, undefined, 'upstream_unavailable'],
    [503, undefined, 'upstream_overloaded'],
    [504, undefined, 'upstream_timeout'],
    [524, undefined, 'upstream_timeout'],
    [529, undefined, 'upstream_overloaded'],
    [302, undefined, 'upstream_unavailable'],
    // Cohere's (its page on errors, read 2026-11): one sentence for an input that is too long and for a cap that is too high.
    [401, { message: 'invalid api token' }, 'upstream_credential'],
    [400, { message: 'too many tokens: size limit exceeded by 11326 tokens.' }, 'context_length_exceeded'],
    [
      400,
      { message: 'too many tokens: max tokens must be less than or equal to 4096, the maximum output for this model' },
      'upstream_rejected',
    ],
    [400, { message: 'invalid request: response_format is not supported with RAG.' }, 'upstream_rejected'],
    [404, { message: "model 'command-z' not found, make sure the correct model ID was used" }, 'model_not_found'],
    [422, { message: 'unprocessable entity', id: '6a19' }, 'upstream_rejected'],
    [
      429,
      { message: 'You are using a Trial key, which is limited to 20 API calls / minute.' },
      'upstream_rate_limited',
    ],
    [498, { message: 'invalid token' }, 'upstream_rejected'],
    // The words are plainer than the status.
    [400, openAi('too long', 'invalid_request_error', 'context_length_exceeded'), 'context_length_exceeded'],
    [
      413,
      { type: 'error', error: { type: 'invalid_request_error', message: 'prompt is too long: 9 tokens > 8 maximum' } },
      'context_length_exceeded',
    ],
    [
      400,
      openAi(
        'The response was filtered due to the prompt triggering content management policy.',
        null,
        'content_filter',
      ),
      'content_policy',
    ],
    [
      403,
      { error: { code: 403, message: 'Your input was flagged', metadata: { reasons: ['violence'] } } },
      'content_policy',
    ],
    [403, openAi('Country, region, or territory not supported', 'request_forbidden'), 'upstream_credential'],
    [429, openAi('You exceeded your current quota', 'insufficient_quota', 'insufficient_quota'), 'upstream_credential'],
    [
      429,
      { error: { code: 429, message: 'You exceeded your current quota', status: 'RESOURCE_EXHAUSTED' } },
      'upstream_rate_limited',
    ],
    [
      400,
      {
        type: 'error',
        error: {
          type: 'invalid_request_error',
          message: 'Your credit balance is too low to access the Anthropic API.',
        },
      },
      'upstream_credential',
    ],
    [
      400,
      { error: { code: 400, message: 'API key not valid. Please pass a valid API key.', status: 'INVALID_ARGUMENT' } },
      'upstream_credential',
    ],
    [400, openAi('foo is not a valid model ID', null, 400), 'model_not_found'],
    [413, openAi('Request too large for model', 'tokens', 'rate_limit_exceeded'), 'upstream_rate_limited'],
    [500, openAi('The server is currently overloaded', 'overloaded_error'), 'upstream_overloaded'],
    [400, openAi('Provider returned error', null, 400), 'upstream_rejected'],
    // A client can make a provider repeat its words: they do not put our key out of service.
    [400, openAi('Invalid value: "your credit balance is too low"'), 'upstream_rejected'],
    [400, openAi('no such tool: incorrect api key'), 'upstream_rejected'],
    // Inside a stream there is no status: the body's own, then its type.
    [undefined, openAi('x', null, 429), 'upstream_rate_limited'],
    [
      undefined,
      { error: { message: 'x', type: 'invalid_request_error', code: 'tool_use_failed', status_code: 400 } },
      'upstream_rejected',
    ],
    [undefined, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'upstream_overloaded'],
    [undefined, openAi('x', 'server_error'), 'upstream_unavailable'],
    // Another Weir's code is its kind, more exact than a type that many kinds share.
    [undefined, openAi('bye', 'server_error', 'draining'), 'upstream_overloaded'],
    [undefined, openAi('x', 'invalid_request_error', 'request_too_large'), 'request_too_large'],
    [
      undefined,
      { type: 'error', error: { type: 'request_too_large', message: 'x', code: 'headers_too_large' } },
      'upstream_rejected',
    ],
    // What nobody recorded, from the providers' own pages.
    [
      429,
      { error: { message: 'The engine is currently overloaded', type: 'engine_overloaded_error' } },
      'upstream_overloaded',
    ],
    [
      429,
      { error: { message: 'Your account is suspended', type: 'exceeded_current_quota_error' } },
      'upstream_credential',
    ],
    [429, { error: { code: '1113', message: 'Insufficient balance or no resource package.' } }, 'upstream_credential'],
    [429, { error: { code: '1', message: 'Slow down: insufficient balance is no reason' } }, 'upstream_rate_limited'],
    [400, { error: { code: 'Arrearage', message: 'Access denied, check your account.' } }, 'upstream_credential'],
    [
      400,
      {
        error: { code: 400, message: 'User location is not supported for the API use.', status: 'FAILED_PRECONDITION' },
      },
      'upstream_credential',
    ],
    [
      403,
      { code: 'x', error: 'Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_BIO' },
      'content_policy',
    ],
    [
      400,
      { error: { code: 'x', message: 'no', innererror: { code: 'ResponsibleAIPolicyViolation' } } },
      'content_policy',
    ],
    [
      422,
      { error: 'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097.' },
      'context_length_exceeded',
    ],
    [424, { message: 'The model failed' }, 'upstream_unavailable'],
    [498, openAi('Flex tier capacity exceeded', 'x', 'capacity_exceeded'), 'upstream_overloaded'],
    [
      499,
      { error: { code: 499, message: 'The operation was cancelled.', status: 'CANCELLED' } },
      'upstream_unavailable',
    ],
    [undefined, { error: { message: 'x', status: 'DEADLINE_EXCEEDED' } }, 'upstream_timeout'],
    [undefined, { error: { message: 'x', status: 'UNAUTHENTICATED' } }, 'upstream_credential'],
    // A picture that is not made for what was asked, told in its stream, and a guard that forbids in no words that are known.
    [
      undefined,
      openAi('Your request was rejected by the safety system.', 'image_generation_user_error', 'moderation_blocked'),
      'content_policy',
    ],
    [undefined, openAi('no', 'image_generation_user_error', 'odd'), 'upstream_rejected'],
    [undefined, openAi('It was flagged.', 'odd'), 'content_policy'],
    [undefined, openAi('The content filter broke.', 'server_error'), 'upstream_unavailable'],
    [undefined, { error: 'broken' }, 'upstream_unavailable'],
    [undefined, undefined, 'upstream_unavailable'],
  ]
  it.each(cases)('status %s with %j is %s', (status, body, kind) => {
    expect(readProviderProblem(status, body).kind).toBe(kind)
  })

  it('that a failed response tells by a code alone is of the kind that it would have with a status', () => {
    const published = publishedCodes()
    if (published) expect(Object.keys(kindsOfCodes)).toEqual(published)
    const seen = Object.keys(kindsOfCodes).map((code) => [
      code,
      readProviderProblem(undefined, { error: { code, message: 'm' } }).kind,
    ])
    expect(Object.fromEntries(seen)).toEqual(kindsOfCodes)
  })

  it('every shape of body gives the provider’s own sentence', () => {
    const shapes: readonly Json[] = [
      { error: { message: 'It failed.' } },
      { error: 'It failed.' },
      { message: 'It failed.' },
      { detail: 'It failed.' },
      { detail: [{ loc: ['body'], msg: 'It failed.', type: 'x' }] },
      { object: 'error', message: 'It failed.', type: 'x', param: null, code: 400 },
      [{ error: { code: 400, message: 'It failed.', status: 'X' } }],
      'It failed.',
      { error: { message: 'It\r\nfailed.\u0000' } },
    ]
    for (const body of shapes) {
      const said = readProviderProblem(400, body).message
      expect(said.replace('It failed. ', 'It failed.'), JSON.stringify(body)).toBe('It failed.')
    }
  })

  it('HTML is never reflected, wherever it stands', () => {
    const page = '<html>\r\n<head><title>502 Bad Gateway</title></head></html>'
    for (const body of [page, { error: page }, { error: { message: page } }, { message: ` ${page}` }, { detail: page }])
      expect(readProviderProblem(502, body).message).toBe('the provider failed (status 502)')
    expect(readProviderProblem(400, openAi('unexpected <tool_call> in the text')).message).toContain('<tool_call>')
  })

  it('a failure that nobody explains is told in our words, whatever its text; the short code stays', () => {
    const trace = 'Traceback (most recent call last): File "/srv/app.py" host=db-7.internal password=hunter2'
    for (const [status, sentence] of [
      [500, 'the provider failed (status 500)'],
      [502, 'the provider failed (status 502)'],
      [503, errorTable.upstream_overloaded.sentence],
      [504, errorTable.upstream_timeout.sentence],
      [undefined, 'the provider failed'],
    ] as const)
      expect(readProviderProblem(status, openAi(trace, 'oops', 'E_DB'))).toMatchObject({
        message: sentence,
        providerCode: 'E_DB',
      })
    const explained = openAi('The server is currently overloaded', 'overloaded_error')
    expect(readProviderProblem(500, explained).message).toBe('The server is currently overloaded')
    expect(readProviderProblem(400, openAi('max_tokens is too large')).message).toBe('max_tokens is too large')
  })

  it('L1 what it says of our key or account is not passed on, nor are our ids', () => {
    const problem = readProviderProblem(
      401,
      openAi('Incorrect API key provided: sk-canary123456', null, 'invalid_api_key'),
    )
    expect(problem).toEqual({
      kind: 'upstream_credential',
      message: errorTable.upstream_credential.sentence,
      param: undefined,
      providerCode: 'invalid_api_key',
    })
    expect(readProviderProblem(429, openAi('Limit of org-canary123 reached')).message).toBe('Limit of [masked] reached')
  })

  it('tells the wait of a limit, but not of one that the call alone would pass, nor of anything else', () => {
    const waits = (status: number, message: string) => {
      const { retryAfterMs, isLasting } = readProviderProblem(status, openAi(message, 'tokens', 'rate_limit_exceeded'))
      return [retryAfterMs, isLasting]
    }
    expect(waits(429, 'Rate limit reached. Please try again in 1.5s.')).toEqual([1_500, undefined])
    expect(waits(429, 'Request too large for gpt: Limit 9, Requested 10. Please try again in 2s.')).toEqual([
      undefined,
      true,
    ])
    expect(waits(413, 'Request too large for model `x`: Limit 9, Requested 10')).toEqual([undefined, true])
    expect(waits(503, 'Overloaded. Retry after 2 seconds.')).toEqual([2_000, undefined])
    expect(waits(400, 'Please try again in 1.5s.')).toEqual([undefined, undefined])
  })

  it('a long sentence is cut to 2,000 characters, a strange code is left out', () => {
    expect(readProviderProblem(400, openAi('x'.repeat(5000))).message).toHaveLength(2000)
    for (const code of ['two words', '<b>', 'x'.repeat(101), ''])
      expect(readProviderProblem(400, openAi('x', null, code)).providerCode, code).toBeUndefined()
    expect(readProviderProblem(400, openAi('x', 'invalid_request_error')).providerCode).toBe('invalid_request_error')
    expect(readProviderProblem(400, openAi('x', 'tokens', 429)).providerCode).toBe('429')
  })
})

describe('a problem inside a stream that is told as plain text', () => {
  it.each([
    'openai-chat',
    'openai-completions',
    'openai-responses',
    'anthropic-messages',
    'gemini-generate',
    'cohere-chat',
    'ollama-chat',
  ] as const)('is a failure, told in our words, by %s', (name) => {
    const dialect = dialects[name]
    const reader = dialect.openStream({ ...anyCall, wantsStreamUsage: false })
    expect(reader.read('error', Buffer.from('the worker has crashed'))).toBe('error')
    expect(reader.facts().problem).toMatchObject({ kind: 'upstream_unavailable', message: 'the provider failed' })
  })
})
