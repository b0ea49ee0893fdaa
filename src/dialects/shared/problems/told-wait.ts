import { readDuration } from '../../../canonical/duration.ts'
import type { Json } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { isJsonArray } from '../call-fields.ts'

/**
 * How long a provider wants to be left alone, where its answer says so in the body. A header is plainer, and comes before it.
 * - `google.rpc.RetryInfo` among the details (Gemini, Vertex; recorded 2026).
 * - The sentence: `Please try again in 174ms`, `9m38.016s` (OpenAI, Groq), `Try again in 2 seconds`, `retry after 86400 seconds`
 *   (Azure). Source: the shared corpus of errors, 2026.
 * @returns milliseconds, rounded up.
 */
export function toldWaitMs(details: Json | undefined, message: string | undefined): number | undefined {
  const waitMs = waitInDetails(details) ?? waitInSentence(message ?? '')
  return waitMs === undefined ? undefined : Math.ceil(waitMs)
}

function waitInDetails(details: Json | undefined): number | undefined {
  if (!isJsonArray(details)) return undefined
  for (const detail of details) {
    const delay = isJsonObject(detail) ? detail['retryDelay'] : undefined
    const waitMs = typeof delay === 'string' ? readDuration(delay) : undefined
    if (waitMs !== undefined) return waitMs
  }
  return undefined
}

function waitInSentence(message: string): number | undefined {
  const [, text = '', word = ''] = sentence.exec(message) ?? []
  return readDuration(word === '' ? text : `${text}${unitOf[word.toLowerCase()] ?? ''}`)
}

const sentence =
  /\b(?:try again|retry|retry your request) (?:in|after) (\d[\dhms.]*?)(?:\.?(?:\s+(milliseconds?|seconds?|minutes?|hours?)\b|(?=\.?(?:\s|$))))/i

const unitOf: Readonly<Record<string, string>> = {
  millisecond: 'ms',
  milliseconds: 'ms',
  second: 's',
  seconds: 's',
  minute: 'm',
  minutes: 'm',
  hour: 'h',
  hours: 'h',
}
