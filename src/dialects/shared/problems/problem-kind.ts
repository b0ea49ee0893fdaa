import { errorTable, type ErrorKind } from '../../../canonical/error.ts'
import type { ProblemWords } from './problem-words.ts'

/**
 * What a provider's failure means for us: first by words that are plainer than the status (providers say "your credit is
 * used up" with 400, 402, 403 and 429), then by the status.
 * @param status of the answer; `undefined` for an error inside a stream or under a success status.
 */
export function problemKind(status: number | undefined, words: ProblemWords): ErrorKind {
  const effective = status ?? words.status ?? statusByWord(words) ?? statusUntold(words)
  return kindByWords(effective, words) ?? kindByStatus(effective)
}

function kindByWords(status: number, words: ProblemWords): ErrorKind | undefined {
  const { all } = words
  const codes = `${words.code} ${words.type}`
  const isRefusal = status >= 400 && status < 500
  if (outOfMoney.test(codes)) return 'upstream_credential'
  if (!isRefusal) return overloaded.test(all) ? 'upstream_overloaded' : undefined
  if (status === 401 || status === 402) return 'upstream_credential'
  // A rate limit may name "input tokens" and a content filter may be rate limited: 429 is decided by its codes alone.
  if (status === 429 && noMoneyLeft.test(words.message ?? '')) return 'upstream_credential'
  if (status === 429) return overloadedWord.test(codes) ? 'upstream_overloaded' : undefined
  if (tooLong.test(all)) return 'context_length_exceeded'
  if (forbiddenContent.test(all)) return 'content_policy'
  if (status === 403) return 'upstream_credential'
  if (credentialWord.test(codes) || credentialSentence.test(words.message ?? '')) return 'upstream_credential'
  // Groq docs, Error codes, 2025: no capacity for the tier `flex` now. Cohere means a bad token by it.
  if (status === 498 && overloaded.test(all)) return 'upstream_overloaded'
  // Groq answers 413 where one call is above the rate limit per minute.
  if (status === 413 && /\brate_limit_exceeded\b/.test(all)) return 'upstream_rate_limited'
  if (unknownModel.test(all)) return 'model_not_found'
  return undefined
}

function kindByStatus(status: number): ErrorKind {
  const row = kindsByStatus[status]
  if (row !== undefined) return row
  if (status >= 400 && status < 500) return 'upstream_rejected'
  return 'upstream_unavailable'
}

const kindsByStatus: Readonly<Record<number, ErrorKind>> = {
  404: 'model_not_found',
  408: 'upstream_timeout',
  413: 'request_too_large',
  // AWS: the model behind its service failed.
  424: 'upstream_unavailable',
  429: 'upstream_rate_limited',
  // Google (CANCELLED) and nginx: somebody behind it gave up.
  499: 'upstream_unavailable',
  503: 'upstream_overloaded',
  504: 'upstream_timeout',
  // Cloudflare: the origin did not answer in time.
  524: 'upstream_timeout',
  // Anthropic: overloaded.
  529: 'upstream_overloaded',
}

/**
 * An error inside a stream has no status of its own; its type or code stands for one. Another Weir names its own kind as
 * the code, in every dialect's envelope: that is more exact than the type beside it, which several kinds share.
 */
function statusByWord(words: ProblemWords): number | undefined {
  const { code } = words
  if (code !== undefined && isKind(code)) return errorTable[code].status
  for (const word of [words.type, words.code]) {
    const status = word === undefined ? undefined : statusesByWord.get(word.toLowerCase())
    if (status !== undefined) return status
  }
  return undefined
}

/** Where no word is known, the provider has failed: unless it says that it will not have the content. */
function statusUntold({ all, code, type }: ProblemWords): number {
  return forbiddenContent.test(all) && !failedWord.test(`${code} ${type}`) ? 400 : 500
}

function isKind(code: string): code is ErrorKind {
  return Object.hasOwn(errorTable, code)
}

const statusesByWord: ReadonlyMap<string, number> = new Map([
  ['invalid_request_error', 400],
  ['invalid_request', 400],
  ['invalid_prompt', 400],
  ['badrequesterror', 400],
  ['context_length_exceeded', 400],
  ['invalid_argument', 400],
  ['failed_precondition', 400],
  ['out_of_range', 400],
  ['content_filter', 400],
  ['content_policy_violation', 400],
  // OpenAI, of pictures that it will not make.
  ['moderation_blocked', 400],
  ['image_generation_user_error', 400],
  // OpenAI API description 2.3.0, 2026-08, ResponseErrorCode: a response that failed has no status, and these are its caller's.
  ['bio_policy', 400],
  ['data_residency_mismatch', 400],
  ['invalid_image', 400],
  ['invalid_image_format', 400],
  ['invalid_base64_image', 400],
  ['invalid_image_url', 400],
  ['image_too_large', 400],
  ['image_too_small', 400],
  ['image_parse_error', 400],
  ['image_content_policy_violation', 400],
  ['invalid_image_mode', 400],
  ['image_file_too_large', 400],
  ['unsupported_image_media_type', 400],
  ['empty_image_file', 400],
  ['failed_to_download_image', 400],
  ['image_file_not_found', 400],
  ['invalid_api_key', 401],
  ['unauthenticated', 401],
  ['authentication_error', 401],
  ['authentication', 401],
  ['billing_error', 402],
  ['payment_required', 402],
  ['permission_error', 403],
  ['permission_denied', 403],
  ['not_found_error', 404],
  ['notfounderror', 404],
  ['not_found', 404],
  ['request_too_large', 413],
  ['payload_too_large', 413],
  ['rate_limit_error', 429],
  ['rate_limit_exceeded', 429],
  ['resource_exhausted', 429],
  ['insufficient_quota', 429],
  ['overloaded_error', 529],
  ['provider_overloaded', 503],
  ['insufficient_system_resource', 503],
  ['unavailable', 503],
  ['deadline_exceeded', 504],
  ['timeout_error', 504],
  ['timeout', 504],
  ['vector_store_timeout', 504],
])

// Google says "You exceeded your current quota" for a passing rate limit, OpenAI for an account without money: only
// OpenAI's code is to be believed.
const outOfMoney =
  // The last two: Moonshot's and Model Studio's docs, 2025.
  /\b(?:insufficient_quota|budget_exceeded|billing_hard_limit_reached|billing_not_active|billing_error|payment_required|insufficient_balance|account_deactivated|exceeded_current_quota_error|arrearage)\b/i
const overloadedWord = /\b(?:overloaded_error|engine_overloaded(?:_error)?|server_overloaded|provider_overloaded)\b/i
const overloaded = /\boverloaded\b|\bprovider_overloaded\b|\bcapacity\b/
const tooLong =
  /context_length_exceeded|token_limit_exceeded|string_too_long|context length|context window|context limit|context size|prompt (?:is )?too long|input is too long|input tokens exceeded|maximum (?:prompt|input) length|tokens \+ `?max_new_tokens|too many (?:input )?tokens(?!: max tokens)|reduce the length of/
const forbiddenContent =
  /content_filter|content_policy|\bbio_policy\b|content policy|content management policy|responsibleaipolicy|content filter|content_blocked|guardrail_blocked|moderation_blocked|\bflagged\b|data_inspection_failed|usage policy|safety (?:system|polic|filter|setting)|content violates usage guidelines|safety_check_type/
/** Its guards may fail as well as forbid. */
const failedWord = /\b(?:server_error|api_error|internal(?:_server)?_error|internal)\b/i
/** At the beginning only: further on, a client could make the provider say it, and have our key taken out of service. */
const credentialSentence =
  /^(?:(?:invalid|incorrect|missing|expired) (?:x-)?api[ -]?key|api[ -]?key (?:not valid|not found|expired|is invalid)|your credit balance is too low|insufficient (?:credits|balance|funds)|user location is not supported)/i
/** Z.ai says it with 429 and a number of its own for the code (its docs, 2025). At the beginning only, as above. */
const noMoneyLeft = /^insufficient (?:credits|balance|funds)/i
const credentialWord = /\b(?:invalid_api_key|authentication_error|api_key_invalid)\b/i
const unknownModel =
  /model_not_found|unknown_model|invalid_model|is not a valid model|model identifier is invalid|unknown model|(?:^| )model\b.{0,120}\b(?:does not exist|not found|not exist)\b/
