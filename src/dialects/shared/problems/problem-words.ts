import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { isJsonArray } from '../call-fields.ts'

/** What a provider's error body says, whatever its shape. */
export interface ProblemWords {
  readonly message: string | undefined
  /** Short identifiers: `rate_limit_exceeded`, `NOT_FOUND`, `429`. */
  readonly code: string | undefined
  readonly type: string | undefined
  readonly param: string | undefined
  /** An HTTP status that the body itself names: all there is for an error inside a stream. */
  readonly status: number | undefined
  /** What stands beside the sentence, for readers of single facts. */
  readonly details: Json | undefined
  /** Everything that may tell the kind, in lower case: codes, types, sentences, also those of the provider behind a provider. */
  readonly all: string
}

/**
 * Finds the words in the shapes seen so far (recordings and shared errors corpus, 2026): `{error: {message, type, param,
 * code}}`, `{__type, message}`, `{error: {code, message, status, details: [{reason}]}}`, `{error: "text"}`, `{message}`, `{detail: "text"}`, `{detail: [{msg}]}`, `{object: "error", message}`,
 * `[{error: {}}]`, a bare string.
 */
export function problemWords(body: Json | undefined): ProblemWords {
  const root = isJsonArray(body) ? body[0] : body
  const outer = isJsonObject(root) ? root : {}
  const inner = isJsonObject(outer['error']) ? outer['error'] : outer
  const metadata = isJsonObject(inner['metadata']) ? inner['metadata'] : {}
  const message = sentence(inner, outer) ?? (typeof root === 'string' ? plainSentence(root) : undefined)
  // OpenRouter, "Errors" page: the stable word is metadata.error_type on chat, error.error_type on messages.
  // Google's own reason is more exact than the status that stands as its code.
  const code =
    reasonIn(inner['details']) ??
    word(inner['code']) ??
    word(metadata['error_type']) ??
    word(inner['error_type']) ??
    word(inner['reason'])
  const type = word(inner['type']) ?? word(inner['status']) ?? word(inner['__type'])
  const raw = text(metadata['raw'])
  // Azure: why its filter refused, such as `ResponsibleAIPolicyViolation`.
  const innerError = isJsonObject(inner['innererror']) ? inner['innererror'] : {}
  return {
    message,
    code,
    type,
    param: text(inner['param'])?.slice(0, longestWord),
    status: statusOf(inner['code']) ?? statusOf(inner['status_code']) ?? statusOf(inner['status']),
    details: inner['details'],
    all: [
      code,
      type,
      word(innerError['code']),
      word(metadata['error_type']),
      word(inner['error_type']),
      message,
      raw?.slice(0, longestSentence),
    ]
      .filter((found) => found !== undefined)
      .join(' ')
      .toLowerCase(),
  }
}

/** The most of a provider's sentence that is kept. */
export const longestSentence = 2000
const longestWord = 100

function sentence(inner: JsonObject, outer: JsonObject): string | undefined {
  for (const value of [inner['message'], outer['error'], outer['message'], outer['detail'], outer['msg']]) {
    const found = text(value) ?? text(firstMessage(value))
    if (found !== undefined) return plainSentence(found)
  }
  return undefined
}

/** FastAPI tells what is wrong with a body as a list. */
function firstMessage(value: Json | undefined): Json | undefined {
  const first = isJsonArray(value) ? value[0] : undefined
  return isJsonObject(first) ? (first['msg'] ?? first['message']) : undefined
}

/** google.rpc.ErrorInfo, such as `API_KEY_INVALID`; other details have no reason. */
function reasonIn(details: Json | undefined): string | undefined {
  if (!isJsonArray(details)) return undefined
  const info = details.find((detail) => isJsonObject(detail) && word(detail['reason']) !== undefined)
  return isJsonObject(info) ? word(info['reason']) : undefined
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}

/** One line of text, or nothing at all when it is a web page: a load balancer's HTML is never shown to a client. */
function plainSentence(found: string): string | undefined {
  const line = found.slice(0, longestSentence).replace(controlCharacters, ' ').trim()
  return line === '' || htmlTag.test(line) ? undefined : line
}

const controlCharacters = /[\p{Cc}\u2028\u2029]+/gu
const htmlTag =
  /<\s*(?:!doctype|\/?(?:html|head|body|title|script|style|center|div|span|h[1-6]|p|a|img|iframe|table)\b)/i

function word(value: Json | undefined): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && plainWord.test(value) ? value : undefined
}

const plainWord = /^[A-Za-z0-9_.:-]{1,100}$/

function statusOf(value: Json | undefined): number | undefined {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value
  return typeof status === 'number' && Number.isInteger(status) && status >= 400 && status <= 599 ? status : undefined
}
