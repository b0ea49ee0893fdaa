import type { Call } from '../../../canonical/call.ts'
import { GatewayError } from '../../../canonical/error.ts'
import { ExtentDraft, type Extent } from '../../../canonical/extent.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { hear, originOf, rewrite } from '../../../canonical/origin.ts'
import type { RerankAnswer, RerankCall, RerankResult, RerankText } from '../../../canonical/rerank.ts'
import { inputTokensOf, noUsage, type Usage } from '../../../canonical/usage.ts'
import { isJsonArray, listIn, readModelName, refusal } from '../call-fields.ts'
import { CountReader } from '../counts.ts'
import type { AnswerSettings, OneAnswerTranslation } from '../../translation.ts'
import { unknownKeys } from '../translation/unknown-keys.ts'
import { WireFields } from '../translation/wire-fields.ts'

/** By which of its words a dialect of reranking differs from the next. */
export interface RerankWords {
  readonly dialect: string
  /** The published key of each field, then others under which it is heard. `undefined`: it has no word of its own. */
  readonly keys: Readonly<Record<'topCount' | 'wantsDocuments' | 'documentTokens' | 'truncates', Keys>>
  /** Where its answers keep the results. */
  readonly resultsKey: 'results' | 'data'
  /** How its answers repeat a document. */
  document(text: string): Json
  /** What its answers say of themselves beside the results. */
  about(answer: RerankAnswer, settings: AnswerSettings): JsonObject
}

interface Keys {
  readonly published: string | undefined
  readonly heard: readonly string[]
}

/**
 * Reranking as Cohere words it, and Jina, Voyage and others with words of their own. Sources: Cohere's schema of rerank,
 * Voyage's OpenAPI document, public schemas of Jina's and vLLM's answers, read 2026-11; recorded 2025 (Cohere).
 */
export function listedRerank(words: RerankWords): OneAnswerTranslation<RerankCall, RerankAnswer> {
  return {
    readQuestion: (body) => readQuestion(body, words),
    writeQuestion: (question, losses) => {
      const written = rewrite(question, words.dialect, (one) => freshQuestion(one, losses, words))
      return isJsonObject(written) ? written : {}
    },
    readAnswer,
    writeAnswer: (answer, question, losses, settings) => writeAnswer(answer, question, losses, settings, words),
  }
}

/**
 * What limits and budgets need of a call. A provider that bills tokens reads the query once for each document; one that bills
 * searches counts a document of more than some 500 tokens as several, and 100 of them as one search (Cohere's pricing, 2025; Voyage's OpenAPI document, read 2026-11).
 * @throws GatewayError `invalid_request` naming the field.
 */
export function readRerankCall(body: JsonObject): Pick<Call, 'most' | 'likely' | 'inputCount'> {
  const { query, documents } = body
  if (query === undefined || query === null) throw refusal('query', 'must be given')
  if (!isJsonArray(documents) || documents.length === 0) throw refusal('documents', 'must be a list of documents')
  const chunks = documents.reduce<number>(
    (sum, document) => sum + Math.max(1, Math.ceil(bytesOf(document) / chunkBytes)),
    0,
  )
  const searches = Math.ceil(chunks / chunksPerSearch)
  const readAgain = (documents.length - 1) * bytesOf(query) + documents.length * tokensPerPair
  return {
    most: { searches, inputUncached: readAgain },
    likely: { searches },
    inputCount: documents.length,
  }
}

/** Each document is read by itself, with the query. */
export function readRerankExtent(body: JsonObject): Extent {
  const extent = new ExtentDraft()
  extent.inputs = Math.max(1, listIn(body, 'documents').length)
  return extent.done()
}

/** A query takes at most 256 of the tokens of a chunk of 510 (Cohere docs, "Reranking best practices", read 2026-11); a token is a byte at least. */
const chunkBytes = 244
const chunksPerSearch = 100
/** What stands between a query and its document when both are read as one. */
const tokensPerPair = 16

function bytesOf(value: Json): number {
  return Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value))
}

function readQuestion(body: JsonObject, { dialect, keys }: RerankWords): RerankCall {
  const fields = new WireFields(dialect, body, '')
  fields.note('modelName', 'model')
  fields.understand('query', 'documents')
  const { query, documents } = body
  if (query === undefined || query === null) throw refusal('query', 'must be given')
  if (!isJsonArray(documents)) throw refusal('documents', 'must be a list of documents')
  return fields.hear<RerankCall>({
    modelName: readModelName(body),
    query: readText(query, 'query', dialect),
    documents: documents.map((one, index) => readText(one, `documents[${index}]`, dialect)),
    topCount: fields.number('topCount', ...keys.topCount.heard),
    wantsDocuments: fields.flag('wantsDocuments', ...keys.wantsDocuments.heard),
    documentTokens: fields.number('documentTokens', ...keys.documentTokens.heard),
    truncates: fields.flag('truncates', ...keys.truncates.heard),
  })
}

function readText(wire: Json, path: string, dialect: string): RerankText {
  if (typeof wire === 'string')
    return hear<RerankText>({ kind: 'text', text: wire }, { dialect, wire, path, heard: { text: '' } })
  const text = isJsonObject(wire) && Object.keys(wire).length === 1 ? wire['text'] : undefined
  const node: RerankText =
    typeof text === 'string'
      ? { kind: 'text', text }
      : { kind: 'opaque', type: isJsonObject(wire) ? Object.keys(wire).join(' and ') : typeof wire }
  return hear(node, { dialect, wire, path, heard: { text: 'text' } })
}

function freshQuestion(call: RerankCall, losses: Losses, { dialect, keys }: RerankWords): JsonObject {
  const origin = originOf(call)
  const isOwn = origin?.dialect === dialect
  const said: [string, Json][] = []
  const carried: (keyof RerankCall & string)[] = ['modelName']
  const say = (field: keyof RerankWords['keys'], value: Json | undefined) => {
    // An own field stays under the name that its caller used.
    const key = isOwn ? origin.heard[field] : keys[field].published
    if (key === undefined || value === undefined) return
    said.push([key, value])
    carried.push(field)
  }
  say('topCount', call.topCount)
  say('wantsDocuments', call.wantsDocuments)
  say('documentTokens', call.documentTokens)
  say('truncates', call.truncates)
  // Without a word for it no documents come back, which is what was wanted, or the writer of the answer repeats them.
  if (call.wantsDocuments !== undefined) carried.push('wantsDocuments')
  if (!isOwn) losses.account(call, carried)
  return {
    model: call.modelName,
    query: writeText(call.query, losses, dialect),
    documents: call.documents.map((one) => writeText(one, losses, dialect)),
    ...Object.fromEntries(said),
  }
}

/** A document that is left out would leave the others with the wrong places: the whole call is refused instead. */
function writeText(node: RerankText, losses: Losses, dialect: string): Json {
  const origin = originOf(node)
  const isOwn = origin?.dialect === dialect
  if (node.kind === 'opaque') {
    if (isOwn) return origin.wire
    const path = origin?.path ?? 'documents'
    throw new GatewayError('unsupported', `${path} (${node.type}) has no word in the dialect of the target`, {
      param: path,
    })
  }
  if (!isOwn) losses.account<{ text?: string }>(node, ['text'])
  return rewrite<RerankText>(node, dialect, (one) => {
    const text = one.kind === 'text' ? one.text : ''
    return isOwn && isJsonObject(origin.wire) ? { text } : text
  })
}

/** Whether an answer holds results, under either name. */
export function isRanking(reply: JsonObject): boolean {
  return isJsonArray(reply['results']) || isJsonArray(reply['data'])
}

/** What is wrong with a ranking of the call's documents: every result must be the place of one. */
export function faultInRanking(reply: JsonObject, { inputCount = 1 }: Call): string | undefined {
  for (const result of resultsIn(reply)) {
    const index = isJsonObject(result) ? result['index'] : undefined
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0) return resultWithoutPlace
    if (index >= inputCount) return documentUnknown(index, inputCount)
  }
  return undefined
}

function resultsIn(reply: JsonObject): readonly Json[] {
  return isJsonArray(reply['results']) ? reply['results'] : listIn(reply, 'data')
}

const resultWithoutPlace = 'the answer holds a result without a place or a score'

function documentUnknown(index: number, count: number): string {
  return `the answer ranks document ${index} of ${count}`
}

/** Searches where they are billed, tokens where those are. */
export function readRerankUsage(body: JsonObject): Usage | undefined {
  const counts = new CountReader()
  const billed = counts.part(counts.part(body, 'meta'), 'billed_units')
  const usage = counts.part(body, 'usage')
  const searches = counts.count(billed, 'search_units') ?? 0
  const inputUncached =
    counts.count(usage, 'total_tokens', 'prompt_tokens') ?? counts.count(billed, 'input_tokens') ?? 0
  return counts.isBelievable && searches + inputUncached > 0 ? { ...noUsage, searches, inputUncached } : undefined
}

function readAnswer(body: JsonObject): RerankAnswer {
  const { model: modelName } = body
  return {
    modelName: typeof modelName === 'string' ? modelName : undefined,
    results: resultsIn(body).map(readResult),
    usage: readRerankUsage(body),
    unheard: unknownKeys(body, understood),
  }
}

const understood: ReadonlySet<string> = new Set([
  'id',
  'object',
  'model',
  'results',
  'data',
  'usage',
  'meta.api_version',
  'meta.billed_units',
  // The same once more.
  'meta.tokens',
])

function readResult(wire: Json): RerankResult {
  const { index, relevance_score: score } = isJsonObject(wire) ? wire : {}
  if (typeof index === 'number' && Number.isInteger(index) && index >= 0 && typeof score === 'number')
    return { index, score }
  throw new GatewayError('upstream_invalid', resultWithoutPlace)
}

function writeAnswer(
  answer: RerankAnswer,
  { documents, topCount, wantsDocuments }: RerankCall,
  losses: Losses,
  settings: AnswerSettings,
  { resultsKey, document, about }: RerankWords,
): JsonObject {
  for (const path of answer.unheard) losses.note(path, 'lost', 'it is not known to Weir')
  const results = answer.results.slice(0, topCount).map(({ index, score }) => {
    const asked = documents[index]
    if (!asked) throw new GatewayError('upstream_invalid', documentUnknown(index, documents.length))
    const repeated = wantsDocuments === true && asked.kind === 'text' ? { document: document(asked.text) } : {}
    return { index, relevance_score: score, ...repeated }
  })
  return { ...about(answer, settings), [resultsKey]: results }
}

/** A usage of tokens, as most tell it. */
export function tokensTold({ usage }: RerankAnswer): JsonObject {
  return usage === undefined || inputTokensOf(usage) === 0 ? {} : { usage: { total_tokens: inputTokensOf(usage) } }
}

/** A usage of searches, as Cohere tells it. */
export function searchesTold({ usage }: RerankAnswer): JsonObject {
  return usage === undefined || usage.searches === 0 ? {} : { billed_units: { search_units: usage.searches } }
}
