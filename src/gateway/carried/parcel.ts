import type { Call } from '../../canonical/call.ts'
import { GatewayError } from '../../canonical/error.ts'
import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import { dialects } from '../../dialects/all.ts'
import { stepsOf } from '../../dialects/shared/form-fields.ts'
import { keptIn } from '../../dialects/kept-names.ts'
import { kept } from '../../dialects/openai-responses/kept.ts'
import { readState } from '../../dialects/openai-responses/read-state.ts'
import { readJsonBody } from '../../wire/json-body.ts'
import { spliceJson } from '../../wire/json-splice.ts'
import { refuseSteering, refuseSteeringNames } from '../refuse-steering.ts'
import type { Snapshot } from '../snapshot.ts'
import type { CarriedExchange } from './carried-exchange.ts'
import type { CarriedRoute } from './carried-route.ts'
import { readAnthropicBatch } from './anthropic-batch.ts'
import { aroundItems, wordForProvider } from './batch-items.ts'
import { readGeminiBatch } from './gemini-batch.ts'
import { innerCall, modelNameThere, objectOf, objectsIn } from './inner-calls.ts'
import { readInputFile } from './openai-batch.ts'
import type { NamedObject } from './own-objects.ts'
import type { Parcel } from './parcel-shape.ts'
import { saidOnce } from './said-once.ts'
import { readUpload, writeUpload, type UploadForm } from './multipart-upload.ts'

/**
 * Reads what is carried. Calls inside it (lines of a batch's input, requests of a batch) are read as if they had come by themselves.
 * @throws GatewayError `invalid_request`, `unsupported` and what reading a body may throw.
 */
export async function readParcel(exchange: CarriedExchange, snapshot: Snapshot): Promise<Parcel> {
  const { route } = exchange.carried
  const named = namedInPath(exchange)
  if (route.body === 'none') return plain(named, Buffer.alloc(0))
  const bytes = await exchange.client.readBody(snapshot.maxBodyBytes)
  switch (route.body) {
    case 'json':
      return readJson(exchange, named, bytes)
    case 'batch': {
      const { model } = exchange.carried
      return model ? await readGeminiBatch(model.name, model.method, bytes) : await readAnthropicBatch(bytes)
    }
    case 'bytes':
      if (route.mayTake && isJson(exchange)) return readJson(exchange, named, bytes)
      return route.does === 'bring' ? readBrought(exchange, named, bytes) : await readForm(exchange, named, bytes)
  }
}

function isJson({ headers }: CarriedExchange): boolean {
  return /^application\/json\b/i.test(headers.one('content-type') ?? '')
}

function namedInPath({ carried: { id, inner, route, query } }: CarriedExchange): readonly NamedObject[] {
  const { kind, innerKind } = route
  const within = inner !== undefined && innerKind ? [{ id: inner, kind: innerKind, param: undefined }] : []
  if (id !== undefined) return [{ id, kind, param: undefined }, ...within]
  const upload = route.does === 'bring' ? saidOnce(new URLSearchParams(query), 'upload_id') : undefined
  return upload === undefined ? [] : [{ id: upload, kind: 'upload', param: 'upload_id' }]
}

function plain(named: readonly NamedObject[], bytes: Buffer): Parcel {
  return { named, inner: [], sizeBytes: bytes.length, wordedFor: async () => ({ bytes, contentType: undefined }) }
}

function readJson({ carried: { route } }: CarriedExchange, named: readonly NamedObject[], bytes: Buffer): Parcel {
  // To cancel something, most clients send nothing.
  if (bytes.length === 0 && route.does === 'change') return plain(named, bytes)
  const isFreeForm = ([first]: readonly (string | number)[]) => first === 'metadata'
  const gemini = dialects['gemini-generate']
  const isFree = route.family === 'gemini' ? gemini.isFreeForm : isFreeForm
  const { value, scan } = readJsonBody(bytes, isFree)
  refuseSteering(bytes, value, scan, isFree)
  const all = [...named, ...namedIn(value, route.takes ?? []), ...filesIn(value, route.mayTake ?? [])]
  if (route.holdsItems) all.push(...namedInItems(value))
  if (route.kind !== 'cache' || isKeptLonger(route, value)) return { ...plain(all, bytes), named: all }
  // What is cached is the beginning of a call, and is judged as one.
  const whole = Buffer.from(JSON.stringify({ contents: [], ...value }))
  const inner = innerCall(gemini, whole, 'the cached content')
  return {
    named: [...all, ...objectsIn([inner])],
    inner: [{ ...inner, value }],
    sizeBytes: bytes.length,
    wordedFor: async (provider, principal, snapshot) => {
      const there = modelNameThere(inner, provider, principal, snapshot)
      return { bytes: spliceJson(bytes, scan, gemini.upstreamEdits(value, inner.call, there)), contentType: undefined }
    },
  }
}

/** Whether nothing but the time of a cache is changed. */
function isKeptLonger({ does }: CarriedRoute, value: JsonObject): boolean {
  return does === 'change' && Object.keys(value).every((key) => timeMembers.includes(key))
}

const timeMembers: readonly string[] = ['name', 'ttl', 'expireTime', 'expire_time']

function namedIn(value: JsonObject, members: readonly string[]): readonly NamedObject[] {
  return members.map((param) => {
    const id = value[param]
    if (typeof id !== 'string' || id === '')
      throw new GatewayError('invalid_request', `\`${param}\` must be the id of a file`, { param })
    return { id, kind: 'file', param }
  })
}

/** Files, each named by itself or in a list. */
function filesIn(value: JsonObject, members: readonly string[]): readonly NamedObject[] {
  return members.flatMap((param) => listed(value[param]).map((one) => fileIn(one, param)))
}

/** The same of a form, which has them in fields of text. */
function filesInForm({ fields }: UploadForm, members: readonly string[]): readonly NamedObject[] {
  return [...fields].flatMap(([name, value]) =>
    stepsOf(name).some((step) => members.includes(step)) ? [fileIn(value, name)] : [],
  )
}

function fileIn(said: Json, param: string): NamedObject {
  const id = isJsonObject(said) ? said['file_id'] : said
  if (typeof id === 'string' && id !== '') return { id, kind: 'file', param }
  throw new GatewayError('invalid_request', `\`${param}\` must name files by their ids`, { param })
}

/** What items of a conversation name: they are those that a call may hold. */
function namedInItems({ items = null }: JsonObject): readonly NamedObject[] {
  const asCall = { input: items }
  const named = [...keptIn(asCall, kept), ...readState({}, listed(items))]
  return named.map((one) => objectOf({ ...one, param: one.param.replace('input', 'items') }))
}

function listed(value: Json | undefined): readonly Json[] {
  return value === undefined || value === null ? [] : isList(value) ? value : [value]
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** A file in a form. The input of a batch is a list of calls. */
async function readForm(exchange: CarriedExchange, named: readonly NamedObject[], bytes: Buffer): Promise<Parcel> {
  const form = await readUpload(bytes, exchange.headers.one('content-type'))
  refuseSteeringNames([...form.fields.keys(), ...form.files.map(({ name }) => name)])
  const all = [...named, ...filesInForm(form, exchange.carried.route.mayTake ?? [])]
  const input = form.fields.get('purpose') === 'batch' ? form.files.find(({ name }) => name === 'file') : undefined
  if (!input) return { ...plain(all, bytes), wordedFor: () => writeUpload(form) }
  const text = Buffer.from(await input.file.arrayBuffer())
  const items = await readInputFile(text)
  const inner = items.map((item) => item.inner)
  return {
    named: [...all, ...objectsIn(inner)],
    inner,
    around: aroundItems(text, items),
    sizeBytes: bytes.length,
    wordedFor: async (provider, principal, snapshot) => ({
      ...(await writeUpload(
        withFile(form, input.name, await wordForProvider(text, items, provider, principal, snapshot)),
      )),
      judged: await writeUpload(withFile(form, input.name, Buffer.alloc(0))),
    }),
  }
}

function withFile(form: UploadForm, name: string, bytes: Buffer): UploadForm {
  return {
    fields: form.fields,
    files: form.files.map((part) =>
      part.name === name
        ? { name, file: new File([new Uint8Array(bytes)], part.file.name, { type: part.file.type }) }
        : part,
    ),
  }
}

/** The beginning of one of Gemini's uploads tells of the file; what follows is the file itself. */
function readBrought(exchange: CarriedExchange, named: readonly NamedObject[], bytes: Buffer): Parcel {
  const { headers } = exchange
  const around = fileNameOf(exchange)
  if (named.length > 0)
    return {
      ...plain(named, bytes),
      around,
      wordedFor: async () => ({
        bytes,
        contentType: headers.one('content-type') ?? anyBytes,
        // Google's SDK says JSON of everything.
        judged: { bytes, contentType: anyBytes },
      }),
    }
  if (headers.one('x-goog-upload-protocol') !== 'resumable')
    throw new GatewayError('unsupported', 'files are sent with `x-goog-upload-protocol: resumable` here')
  if (bytes.length === 0) return { ...plain(named, bytes), around }
  const { value, scan } = readJsonBody(bytes, () => false)
  refuseSteering(bytes, value, scan, () => false)
  const { file } = value
  // Names are one for all who share an account: whoever chooses one learns what others have.
  if (typeof file === 'object' && file !== null && 'name' in file)
    throw new GatewayError('unsupported', 'the name of a file is the provider’s to choose: leave `file.name` out', {
      param: 'file.name',
    })
  return { ...plain(named, bytes), around }
}

const anyBytes = 'application/octet-stream'

/** It comes in a header, and is judged as if it stood in the body: as it is written, and as it may be meant. */
function fileNameOf({ headers }: CarriedExchange): readonly Buffer[] {
  const name = headers.one(fileNameHeader)
  return name === undefined ? [] : [Buffer.from(JSON.stringify({ [fileNameHeader]: [name, decoded(name)] }))]
}

const fileNameHeader = 'x-goog-upload-file-name'

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/** What limits, budgets and records go by. */
export function carriedCall({ inner }: Parcel, held: string | undefined, costs: CarriedRoute['costs']): Call {
  const [first] = inner
  const modelName = first?.call.modelName ?? held ?? ''
  const other = inner.find(({ call }) => call.modelName !== modelName)
  if (other)
    throw new GatewayError(
      'unsupported',
      `${other.where} asks another model than the first: limits and budgets go by the model, so send a batch for each`,
      { param: 'model' },
    )
  return costs === 'nothing' ? { ...carriedCallOf(modelName), asksNoTokens: true } : carriedCallOf(modelName)
}

/** A call that is carried. @param modelName empty: it asks none. */
export function carriedCallOf(modelName: string): Call {
  return {
    operation: 'carried',
    modelName,
    isStream: false,
    outputCapTokens: undefined,
    choiceCount: 1,
    wantsStreamUsage: false,
    needs: new Set(),
    endUser: undefined,
  }
}
