import type { IncomingMessage } from 'node:http'
import type { DialectName } from '../dialects/dialect.ts'

/** Paths that several dialects share answer in the caller's own. */
export function callerDialect({ headers }: Pick<IncomingMessage, 'headers'>, path: string): DialectName {
  if (headers['anthropic-version'] !== undefined || path.startsWith('/v1/messages')) return 'anthropic-messages'
  // Only Cohere's API has a second version.
  if (path.startsWith('/v2/')) return 'cohere-chat'
  if (path.startsWith('/model/')) return 'bedrock-converse'
  const isGoogles =
    headers['x-goog-api-key'] !== undefined || /^\/(?:upload\/)?v1(?:beta|alpha)\/|^\/v1\/models\/.*:/.test(path)
  return isGoogles ? 'gemini-generate' : 'openai-chat'
}
