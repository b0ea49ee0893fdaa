import { GatewayError } from '../canonical/error.ts'
import type { DialectName } from '../dialects/dialect.ts'
import { endpointAt } from './endpoints.ts'

interface Unserved {
  readonly what: string
  /** The path or way that is served, for the sentence `use ... instead`. */
  readonly instead: string
  /** In whose words its clients are told. */
  readonly dialect: DialectName
}

/**
 * Paths of the same houses that are not served: what they did, another path does. Their clients are told which, as they would be
 * by their provider.
 */
const unserved: ReadonlyMap<string, Unserved> = new Map(
  (
    [
      ['/v1/chat', 'the first version of Cohere’s chat', '/v2/chat (CohereClientV2)', 'cohere-chat'],
      ['/v1/generate', 'Cohere’s generate', '/v2/chat (CohereClientV2)', 'cohere-chat'],
      ['/v1/embed', 'the first version of Cohere’s embed', '/v2/embed (CohereClientV2)', 'cohere-embeddings'],
      ['/api/generate', 'Ollama’s generate', '/api/chat, or /v1/completions', 'ollama-chat'],
      ['/api/embed', 'Ollama’s embed', '/v1/embeddings', 'ollama-chat'],
      ['/api/embeddings', 'Ollama’s embeddings', '/v1/embeddings', 'ollama-chat'],
      ['/api/tags', 'Ollama’s list of models', '/v1/models', 'ollama-chat'],
      ['/v1/complete', 'Anthropic’s text completions', '/v1/messages', 'anthropic-messages'],
      ['/v1/assistants', 'OpenAI’s assistants', '/v1/responses', 'openai-chat'],
      ['/v1/threads', 'OpenAI’s threads', '/v1/responses', 'openai-chat'],
    ] as const
  ).map(([path, what, instead, dialect]) => [path, { what, instead, dialect }]),
)

/** Bedrock’s `invoke` has the words of each model's maker. */
const invoke: Unserved = {
  what: 'Bedrock’s invoke',
  instead: '/model/{model}/converse',
  dialect: 'bedrock-converse',
}

/** The error for a path that is none, and in which dialect it is told. */
export function noEndpoint(
  path: string,
  callerDialect: DialectName,
): { readonly problem: GatewayError; readonly dialect: DialectName } {
  const found =
    unserved.get(path) ?? (/^\/model\/[^/]+\/invoke(?:-with-response-stream)?$/.test(path) ? invoke : undefined)
  const said = JSON.stringify(path.slice(0, 200))
  if (!found) {
    const likely = meantPath(path)
    const advice = likely === undefined ? '' : `; for ${JSON.stringify(likely)}, change the client's base URL`
    const problem = new GatewayError('endpoint_not_found', `there is no endpoint ${said}${advice}`)
    return { problem, dialect: callerDialect }
  }
  const { what, instead, dialect } = found
  return { problem: new GatewayError('endpoint_not_found', `${said}, ${what}, is not served: use ${instead}`), dialect }
}

/** The path that a client meant whose base URL lacks the version, or has one too many. */
function meantPath(path: string): string | undefined {
  const isServed = (one: string) => one === '/v1/models' || endpointAt(one, '') !== undefined
  return [`/v1${path}`, path.slice(Math.max(0, path.indexOf('/', 1)))].find(isServed)
}
