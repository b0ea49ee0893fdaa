import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Call, StateReference } from '../../canonical/call.ts'
import { GatewayError } from '../../canonical/error.ts'
import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import type { Principal } from '../../canonical/principal.ts'
import { dialects } from '../../dialects/all.ts'
import type { Dialect, DialectName } from '../../dialects/dialect.ts'
import { permit } from '../../policies/access/permit.ts'
import type { Provider } from '../../providers/provider.ts'
import { readJsonBody } from '../../wire/json-body.ts'
import type { JsonScan } from '../../wire/json-scan.ts'
import { findModel } from '../find-model.ts'
import { readAsked, type Asked } from '../read-asked.ts'
import { refuseSteering } from '../refuse-steering.ts'
import type { Snapshot } from '../snapshot.ts'
import { openTargets } from './door.ts'
import type { NamedObject } from './own-objects.ts'

/** A call inside something that is carried: judged as if it had come by itself. */
export interface InnerCall {
  readonly asked: Asked
  readonly dialect: Dialect
  readonly call: Call
  readonly value: JsonObject
  /** For problems: which of them it is. */
  readonly where: string
}

/** Calls in one file or body. More are refused: the provider's own bound is 100,000 for a batch of Anthropic's, 50,000 of OpenAI's. */
export const mostInnerCalls = 100_000

/** Where each path that OpenAI's batches know is spoken (API description 2.3.0). The others are not judged here, and so not carried. */
const dialectOfUrl: Readonly<Record<string, DialectName>> = {
  '/v1/chat/completions': 'openai-chat',
  '/v1/responses': 'openai-responses',
  '/v1/embeddings': 'openai-embeddings',
}

/** One line of a batch's input. */
export interface InnerLine {
  readonly inner: InnerCall
  readonly bytes: Buffer
  readonly scan: JsonScan
}

/**
 * Reads the lines of a batch's input. Others have their turn meanwhile.
 * @throws GatewayError `invalid_request`, `unsupported`, naming the line.
 */
export async function readLines(text: Buffer): Promise<readonly InnerLine[]> {
  const lines: InnerLine[] = []
  let sinceTurn = 0
  for (const bytes of linesOf(text)) {
    lines.push(readLine(bytes, `line ${lines.length + 1}`))
    sinceTurn += bytes.length
    if (sinceTurn < bytesInOneTurn) continue
    sinceTurn = 0
    await nextTurn()
  }
  return lines
}

/** About a millisecond of work. */
const bytesInOneTurn = 128 * 1024

function readLine(bytes: Buffer, where: string): InnerLine {
  // Repeated keys inside the body are looked for by its own dialect, which knows what is free-form there.
  const isBody = ([first]: readonly (string | number)[]) => first === 'body'
  const { value, scan } = at(where, () => readJsonBody(bytes, isBody))
  at(where, () => refuseSteering(bytes, value, scan, isBody))
  const { url } = value
  const name = typeof url === 'string' && Object.hasOwn(dialectOfUrl, url) ? dialectOfUrl[url] : undefined
  const member = scan.members.find(({ key }) => key === 'body')
  if (name === undefined)
    throw new GatewayError('unsupported', `${where}: \`url\` is none of ${Object.keys(dialectOfUrl).join(', ')}`, {
      param: 'url',
    })
  if (!member) throw new GatewayError('invalid_request', `${where}: \`body\` is missing`, { param: 'body' })
  const { valueStart, valueEnd } = member
  return { inner: innerCall(dialects[name], bytes.subarray(valueStart, valueEnd), where), bytes, scan }
}

/**
 * Reads the requests of a batch of Anthropic's.
 * @throws GatewayError `invalid_request`, naming the request.
 */
export function readRequests(value: JsonObject): readonly InnerCall[] {
  return requestsOf(value).map((item, place) => {
    const where = `requests[${place}]`
    const params = isJsonObject(item) ? item['params'] : undefined
    if (!isJsonObject(params))
      throw new GatewayError('invalid_request', `${where}.params must be an object`, { param: where })
    return innerCall(dialects['anthropic-messages'], Buffer.from(JSON.stringify(params)), where)
  })
}

/** Whether the value at this path of such a body is the client's own business. */
export function isFreeInRequests(path: readonly (string | number)[]): boolean {
  return path[0] === 'requests' && path[2] === 'params' && dialects['anthropic-messages'].isFreeForm(path.slice(3))
}

export function requestsOf({ requests }: JsonObject): readonly Json[] {
  if (!isList(requests)) throw new GatewayError('invalid_request', '`requests` must be an array', { param: 'requests' })
  if (requests.length > mostInnerCalls) throw tooMany()
  return requests
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** What the calls name at their provider. */
export function objectsIn(calls: readonly Pick<InnerCall, 'call' | 'where'>[]): readonly NamedObject[] {
  return calls.flatMap(({ call, where }) =>
    (call.state ?? []).map((one) => ({ ...objectOf(one), param: `${where}: ${one.param}` })),
  )
}

/** Nothing is asked of a provider here that only it could know: what nobody knows here is nobody's. */
export function objectOf({ id, param, kind }: StateReference): NamedObject {
  return { id, param, kind: kind === 'object' || kind === 'thought' ? 'answer' : kind }
}

/**
 * Worded for the provider that it goes to: under the name that its model has there.
 * @throws GatewayError `model_not_found`, `model_not_allowed`, `unsupported` when the provider serves no such model.
 */
export function wordedFor(inner: InnerCall, provider: Provider, principal: Principal, snapshot: Snapshot): WordedInner {
  const { call, value, dialect, where } = inner
  const modelName = at(where, () => modelNameAt(call.modelName, provider, principal, snapshot))
  const edits = dialect.upstreamEdits(value, call, modelName)
  const worded = Object.fromEntries(edits.map(({ key, value: set }) => [key, set]))
  return { modelName, value: edits.length === 0 ? value : { ...value, ...worded } }
}

/** A call inside, for the provider that it goes to. */
export interface WordedInner {
  readonly modelName: string
  /** The very same value where nothing had to be changed. */
  readonly value: JsonObject
}

/**
 * What a model is called at the provider that something goes to.
 * @throws GatewayError `model_not_found`, `model_not_allowed`, `unsupported` when the provider serves no such model.
 */
export function modelNameAt(modelName: string, provider: Provider, principal: Principal, snapshot: Snapshot): string {
  const found = findModel(snapshot.catalog, principal, modelName)
  permit(principal, modelName)
  const target = openTargets(found.model, principal).find((one) => one.provider === provider)
  if (!target)
    throw new GatewayError(
      'unsupported',
      `provider "${provider.name}", which this goes to, does not serve model "${modelName}"`,
      { param: 'model' },
    )
  return target.hasWildcard ? target.modelName.replace('*', () => found.wildcard) : target.modelName
}

export function innerCall(dialect: Dialect, bytes: Buffer, where: string): InnerCall {
  const asked = at(where, () => readAsked(dialect, bytes))
  return { asked, dialect, call: asked.call, value: asked.value, where }
}

function* linesOf(text: Buffer): Iterable<Buffer> {
  let count = 0
  for (let from = 0; from < text.length;) {
    const end = text.indexOf(lineFeed, from)
    const line = text.subarray(from, end < 0 ? text.length : end)
    from = end < 0 ? text.length : end + 1
    if (isBlank(line)) continue
    count += 1
    if (count > mostInnerCalls) throw tooMany()
    yield line
  }
}

const lineFeed = 0x0a

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09)
}

export function tooMany(): GatewayError {
  return new GatewayError('request_too_large', `more than ${mostInnerCalls} calls are in one batch; send several`)
}

/** Names the place in what is thrown. */
function at<Result>(where: string, act: () => Result): Result {
  try {
    return act()
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown
    const { kind, param, isLasting, facts } = thrown
    throw new GatewayError(kind, `${where}: ${thrown.message}`, { param, isLasting, facts, cause: thrown })
  }
}
