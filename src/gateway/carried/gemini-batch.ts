import { GatewayError } from '../../canonical/error.ts'
import type { JsonObject } from '../../canonical/json.ts'
import { dialects } from '../../dialects/all.ts'
import type { BodyEdit, DialectName } from '../../dialects/dialect.ts'
import { bareName, collectionPath, resourceName } from '../../dialects/vendors/gemini/path.ts'
import { memberOf, partOf, spelledTwice } from '../../dialects/vendors/gemini/spelling.ts'
import { readJsonBody } from '../../wire/json-body.ts'
import { findSpan, splitList } from '../../wire/json-list.ts'
import type { SpanEdit } from '../../wire/json-splice.ts'
import { refuseSteering } from '../refuse-steering.ts'
import { aroundItems, readItems, wordItems, type ItemForm } from './batch-items.ts'
import type { GeminiBatchMethod } from './gemini-batch-methods.ts'
import { modelNameThere, objectsIn, type InnerCall } from './inner-calls.ts'
import type { CarriedBody } from './carried-body.ts'

/** Of which words the calls inside are, by what stands behind the model in the path. */
const dialectOfMethod = {
  batchGenerateContent: 'gemini-generate',
  asyncBatchEmbedContent: 'gemini-embeddings',
} as const satisfies Record<GeminiBatchMethod, DialectName>

/**
 * Reads a batch of Gemini's (discovery document, revision 20260717). The path names the model, and every call in it may name it again.
 * @throws GatewayError `invalid_request`, naming the call; `unsupported` for calls in a file, which nobody has judged.
 */
export async function readGeminiBatch(
  modelName: string,
  method: GeminiBatchMethod,
  bytes: Buffer,
): Promise<CarriedBody> {
  const list = splitList(bytes, pathOfRequests)
  const rest = list?.rest ?? bytes
  const { value, scan } = readJsonBody(rest, () => false)
  refuseSteering(rest, value, scan, () => false)
  const twice = spelledTwice(value, () => false)
  if (twice !== undefined) throw refusal(twice, `\`${twice}\` stands there under both its names`)
  const batch = partOf(value, 'batch')
  mustName(modelName, batch)
  if (memberOf(partOf(batch, 'inputConfig'), 'fileName') !== undefined)
    throw new GatewayError(
      'unsupported',
      'calls in a file are not judged here: send them in `batch.inputConfig.requests`',
      {
        param: 'batch.inputConfig.fileName',
      },
    )
  const items = list ? await readItems(bytes, list.elements, formOf(modelName, method)) : []
  const [first] = items
  if (!first)
    throw refusal(
      'batch.inputConfig.requests',
      '`batch.inputConfig.requests.requests` must be an array that holds a call',
    )
  const inner = items.map((item) => item.inner)
  return {
    named: objectsIn(inner),
    inner,
    around: aroundItems(bytes, items, rest),
    sizeBytes: bytes.length,
    wordedFor: async (provider, principal, snapshot) => {
      const there = modelNameThere(first.inner, provider, principal, snapshot)
      return {
        bytes: await wordItems(bytes, items, (call) => editsOf(call, there), renamed(bytes, batch, there)),
        contentType: undefined,
        path: `${collectionPath('/v1beta', there)}:${method}`,
      }
    },
  }
}

const pathOfRequests = [['batch'], ['inputConfig', 'input_config'], ['requests'], ['requests']]

function formOf(modelName: string, method: GeminiBatchMethod): ItemForm {
  return {
    member: 'request',
    freeMember: 'metadata',
    whereOf: (place) => `requests[${place}]`,
    dialectOf: () => dialects[dialectOfMethod[method]],
    // As its path would say it, had it come by itself.
    address: { model: modelName },
  }
}

/** Its model has the name that it has there, where it names one: the path does anyway. */
function editsOf({ asked, call, value, dialect }: InnerCall, there: string): readonly BodyEdit[] {
  const others = dialect.upstreamEdits(value, call, there).filter(({ key }) => key !== 'model')
  const isNamed = asked.scan.members.some(({ key }) => key === 'model')
  return isNamed ? [...others, { key: 'model', value: resourceName(there) }] : others
}

/** The same of the batch itself. */
function renamed(bytes: Buffer, { model }: JsonObject, there: string): readonly SpanEdit[] {
  const span = model === undefined ? undefined : findSpan(bytes, [['batch'], ['model']])
  return span ? [{ ...span, bytes: Buffer.from(JSON.stringify(resourceName(there))) }] : []
}

function mustName(modelName: string, { model }: JsonObject): void {
  if (model === undefined || (typeof model === 'string' && bareName(model) === modelName)) return
  throw refusal('model', 'batch.model names another model than the path does')
}

function refusal(param: string, message: string): GatewayError {
  return new GatewayError('invalid_request', message, { param })
}
