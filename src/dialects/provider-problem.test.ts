import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { corpusDir, recordings, reportMissingCorpus } from '../../test/corpus.ts'
import { errorTable, type ErrorKind } from '../canonical/error.ts'
import type { Json } from '../canonical/json.ts'
import { dialects } from './all.ts'
import { readProviderProblem } from './provider-problem.ts'

const openAi = (message: string, type: string | null = null, code: string | number | null = null): Json => ({
  error: { message, type, param: null, code },
})

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
    [undefined, { error: 'broken' }, 'upstream_unavailable'],
    [undefined, undefined, 'upstream_unavailable'],
  ]
  it.each(cases)('status %s with %j is %s', (status, body, kind) => {
    expect(readProviderProblem(status, body).kind).toBe(kind)
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
      expect(readProviderProblem(502, body).message).toBe(errorTable.upstream_unavailable.sentence)
    expect(readProviderProblem(400, openAi('unexpected <tool_call> in the text')).message).toContain('<tool_call>')
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

  it('a long sentence is cut to 2,000 characters, a strange code is left out', () => {
    expect(readProviderProblem(400, openAi('x'.repeat(5000))).message).toHaveLength(2000)
    for (const code of ['two words', '<b>', 'x'.repeat(101), ''])
      expect(readProviderProblem(400, openAi('x', null, code)).providerCode, code).toBeUndefined()
    expect(readProviderProblem(400, openAi('x', 'invalid_request_error')).providerCode).toBe('invalid_request_error')
    expect(readProviderProblem(400, openAi('x', 'tokens', 429)).providerCode).toBe('429')
  })
})

describe('recorded problems', () => {
  if (corpusDir === undefined) reportMissingCorpus('recorded problems')

  it('every recorded error answer has the kind that a person gave it', () => {
    const failures = (['chat', 'messages', 'cohere-chat', 'embeddings'] as const)
      .flatMap((api) => recordings(api).map((recording) => ({ api, recording })))
      .filter(({ recording }) => recording.response.status !== 200)
    const kinds = failures.map(({ api, recording: { id, response } }) => {
      const dialect = dialects[judgedDialects[api]]
      return [id, dialect.readProblem(response.status, parsed(response.body)).kind]
    })
    if (kinds.length > 0) expect(Object.fromEntries(kinds)).toEqual(judgedKinds)
  })

  it('19, 20 every error seen in the wild has the kind that a person gave it, and no HTML', () => {
    if (corpusDir === undefined) return
    const lines = readFileSync(join(corpusDir, 'errors', 'errors-in-the-wild.jsonl'), 'utf8')
      .trim()
      .split('\n')
    const seen = lines.map((line) => JSON.parse(line)).filter(({ status }) => status !== 200)
    const kinds = seen.map(({ provider, status, body }) => {
      const problem = readProviderProblem(status, parsed(body))
      expect(problem.message).not.toMatch(/<|org[-_][A-Za-z0-9]/)
      return `${provider} ${status} ${problem.kind}`
    })
    expect(
      Object.fromEntries(
        Map.groupBy(kinds, (kind) => kind)
          .entries()
          .map(([kind, all]) => [kind, all.length]),
      ),
    ).toEqual({
      'anthropic 529 upstream_overloaded': 3,
      'anthropic 429 upstream_rate_limited': 1,
      'openai 429 upstream_rate_limited': 2,
      'gemini 503 upstream_overloaded': 2,
      'bedrock 429 upstream_rate_limited': 1,
      'azure 429 upstream_rate_limited': 2,
      'groq 429 upstream_rate_limited': 1,
      'mistral 429 upstream_rate_limited': 2,
      'any 502 upstream_unavailable': 1,
      'openai 502 upstream_unavailable': 1,
    })
  })
})

const judgedDialects = {
  chat: 'openai-chat',
  messages: 'anthropic-messages',
  'cohere-chat': 'cohere-chat',
  embeddings: 'openai-embeddings',
} as const

const judged = (kind: ErrorKind, ...ids: readonly string[]) => ids.map((id) => [id, kind])

const judgedKinds = Object.fromEntries([
  ...judged('upstream_rate_limited', '0f1f2580306e3402', '56b3ffd6f5b229f9'),
  ...judged('upstream_credential', '4294bd6f070cdae9', '1132de85ba1ca87e', 'af58f15eb0698113', 'bbd1aac80df64995'),
  ...judged('upstream_credential', 'b0bfdcdccdab4eae', 'ea5ffa6d91a4d5a1', '8ac763172470b442', 'a453a1d38109bce3'),
  ...judged('upstream_credential', 'd3926527052aa624', 'e2faecfe56ca5bb8'),
  ...judged('context_length_exceeded', '21b8b6670834daa2', '49332d12cc6f2b14', '8e4640e43f4c4b09', '48ddb391e772cb1d'),
  ...judged('context_length_exceeded', '6a19e14563208b51'),
  ...judged('model_not_found', 'c56e3f16fdd5cc8f', 'e329b7aefae3a4f6', '95f06df585580c9d', '03107f6fb213a00d'),
  ...judged('model_not_found', '3c931773eec8f71d', 'a3bc8897bd83df2e', 'a4f22d4605a3aed4', 'd8471ecb735c060f'),
  ...judged('model_not_found', 'ef0c462268c9a81a'),
  // Fields and values that the provider does not take: no other target would help, and the client must know.
  ...judged('upstream_rejected', '637cbb6b17b92cc4', '6931f0c7b17d7e6b', '09ee0a4055777d25', '0bc89dd646ce5fd9'),
  ...judged('upstream_rejected', '185f31c8b1b8f706', '3cb0e0e0db058140', '5376d11b8838ca6c', '59a0e779384a35cf'),
  ...judged('upstream_rejected', '5c6a3a044d4cc0c5', '676ca1e6f86a47e4', '676fba4f70cb80ac', '70e3e613776840fe'),
  ...judged('upstream_rejected', '8da59b5dc098a33d', '98e94c160a0045fc', 'a0c2aa5dacf55dcb', 'af46bc3cf0340982'),
  ...judged('upstream_rejected', 'ea12aa685053a03c', 'fcd6df4d2edb0ff1', 'fedfa9ea3b1e9795', '0e5f18dce3791c1b'),
  ...judged('upstream_rejected', '58fd89cf21f7abed', 'a78b1b76ddc15732'),
])

function parsed(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}
