import { GatewayError } from '../../canonical/error.ts'
import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import { dialects } from '../../dialects/all.ts'
import type { DialectName } from '../../dialects/dialect.ts'
import { bareName, collectionPath, resourceName } from '../../dialects/vendors/gemini/path.ts'
import { memberOf, partOf, spelledIn, spelledTwice } from '../../dialects/vendors/gemini/spelling.ts'
import { readJsonBody } from '../../wire/json-body.ts'
import { refuseSteering } from '../refuse-steering.ts'
import type { GeminiBatchMethod } from './gemini-batch-methods.ts'
import { innerCall, mostInnerCalls, tooMany, wordedFor, type InnerCall } from './inner-calls.ts'
import type { Parcel } from './parcel-shape.ts'

/** Of which words the calls inside are, by what stands behind the model in the path. */
const dialectOfMethod = {
  batchGenerateContent: 'gemini-generate',
  asyncBatchEmbedContent: 'gemini-embeddings',
} as const satisfies Record<GeminiBatchMethod, DialectName>

/**
 * Reads a batch of Gemini's (discovery document, revision 20260717). The path names the model, and every call in it may name it again.
 * @throws GatewayError `invalid_request`, naming the call; `unsupported` for calls in a file, which nobody has judged.
 */
export function readGeminiBatch(modelName: string, method: GeminiBatchMethod, bytes: Buffer): Parcel {
  const dialect = dialects[dialectOfMethod[method]]
  const isFree = (path: readonly (string | number)[]) => isFreeAt(path, (below) => dialect.isFreeForm(below))
  const { value, scan } = readJsonBody(bytes, isFree)
  refuseSteering(bytes, value, scan, isFree)
  const twice = spelledTwice(value, isFree)
  if (twice !== undefined) throw refusal(twice, `\`${twice}\` stands there under both its names`)
  const batch = partOf(value, 'batch')
  mustName(modelName, batch, 'batch')
  const input = partOf(batch, 'inputConfig')
  if (memberOf(input, 'fileName') !== undefined)
    throw new GatewayError(
      'unsupported',
      'calls in a file are not judged here: send them in `batch.inputConfig.requests`',
      {
        param: 'batch.inputConfig.fileName',
      },
    )
  const items = listOf(partOf(input, 'requests')['requests'])
  const inner = items.map((item, place) => readItem(item, modelName, dialect, `requests[${place}]`))
  return {
    named: [],
    inner,
    sizeBytes: bytes.length,
    wordedFor: async (provider, principal, snapshot) => {
      let named = modelName
      const requests = items.map((item, place) => {
        const call = inner[place]
        if (!call || !isJsonObject(item)) return item
        const { modelName: there, value: worded } = wordedFor(call, provider, principal, snapshot)
        named = there
        return { ...item, request: renamed(item['request'], worded, there) }
      })
      const inputConfig = { ...input, requests: { requests } }
      const field = spelledIn(batch, 'inputConfig')
      const whole = { ...value, batch: renamed(batch, { ...batch, [field]: inputConfig }, named) }
      return {
        bytes: Buffer.from(JSON.stringify(whole)),
        contentType: undefined,
        path: `${collectionPath('/v1beta', named)}:${method}`,
      }
    },
  }
}

/** Its model has the name that it has there, where it names one: the path does anyway. */
function renamed(said: Json | undefined, { model: _said, ...worded }: JsonObject, modelName: string): JsonObject {
  const isNamed = isJsonObject(said) && said['model'] !== undefined
  return isNamed ? { ...worded, model: resourceName(modelName) } : worded
}

function readItem(item: Json, modelName: string, dialect: InnerCall['dialect'], where: string): InnerCall {
  const said = isJsonObject(item) ? item['request'] : undefined
  if (!isJsonObject(said)) throw refusal(where, `${where}.request must be an object`)
  mustName(modelName, said, where)
  // As its path would say it, had it come by itself.
  return innerCall(dialect, Buffer.from(JSON.stringify({ ...said, model: modelName })), where)
}

function mustName(modelName: string, { model }: JsonObject, where: string): void {
  if (model === undefined || (typeof model === 'string' && bareName(model) === modelName)) return
  throw refusal('model', `${where}.model names another model than the path does`)
}

/** `batch.inputConfig.requests.requests[n]` with its `request`, and a `metadata` of the client's own. */
function isFreeAt(
  path: readonly (string | number)[],
  isFreeBelow: (path: readonly (string | number)[]) => boolean,
): boolean {
  const [, , , , place, member, ...below] = path
  if (typeof place !== 'number') return false
  return member === 'metadata' || (member === 'request' && isFreeBelow(below))
}

function listOf(requests: Json | undefined): readonly Json[] {
  if (!isList(requests) || requests.length === 0)
    throw refusal(
      'batch.inputConfig.requests',
      '`batch.inputConfig.requests.requests` must be an array that holds a call',
    )
  if (requests.length > mostInnerCalls) throw tooMany()
  return requests
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

function refusal(param: string, message: string): GatewayError {
  return new GatewayError('invalid_request', message, { param })
}
