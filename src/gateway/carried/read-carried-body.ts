import type { JsonObject } from '../../canonical/json.ts'
import { dialects } from '../../dialects/all.ts'
import { readJsonBody } from '../../wire/json-body.ts'
import { spliceJson } from '../../wire/json-splice.ts'
import { refuseSteering, refuseSteeringNames } from '../refuse-steering.ts'
import type { Snapshot } from '../snapshot.ts'
import { readAnthropicBatch } from './anthropic-batch.ts'
import { aroundItems, wordForProvider } from './batch-items.ts'
import type { CarriedExchange } from './carried-exchange.ts'
import type { CarriedRoute } from './carried-route.ts'
import { readGeminiBatch } from './gemini-batch.ts'
import { readUploadPart } from './gemini-upload.ts'
import { innerCall, modelNameThere, objectsIn } from './inner-calls.ts'
import { readUpload, writeUpload, type UploadForm } from './multipart-upload.ts'
import { filesInForm, filesListedIn, filesNamedIn, namedInItems } from './named-in-body.ts'
import { readInputFile } from './openai-batch.ts'
import type { NamedObject } from './own-objects.ts'
import { plainBody, type CarriedBody } from './carried-body.ts'
import { saidOnce } from './said-once.ts'

/**
 * Reads what is carried. Calls inside it (lines of a batch's input, requests of a batch) are read as if they had come by themselves.
 * @throws GatewayError `invalid_request`, `unsupported` and what reading a body may throw.
 */
export async function readCarriedBody(exchange: CarriedExchange, snapshot: Snapshot): Promise<CarriedBody> {
  const { route } = exchange.carried
  const named = namedInPath(exchange)
  if (route.body === 'none') return plainBody(named, Buffer.alloc(0))
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
      return route.does === 'bring' ? readUploadPart(exchange, named, bytes) : await readForm(exchange, named, bytes)
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

function readJson({ carried: { route } }: CarriedExchange, named: readonly NamedObject[], bytes: Buffer): CarriedBody {
  // To cancel something, most clients send nothing.
  if (bytes.length === 0 && route.does === 'change') return plainBody(named, bytes)
  const isFreeForm = ([first]: readonly (string | number)[]) => first === 'metadata'
  const gemini = dialects['gemini-generate']
  const isFree = route.family === 'gemini' ? gemini.isFreeForm : isFreeForm
  const { value, scan } = readJsonBody(bytes, isFree)
  refuseSteering(bytes, value, scan, isFree)
  const all = [...named, ...filesNamedIn(value, route.takes ?? []), ...filesListedIn(value, route.mayTake ?? [])]
  if (route.holdsItems) all.push(...namedInItems(value))
  if (route.kind !== 'cache' || isKeptLonger(route, value)) return { ...plainBody(all, bytes), named: all }
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

/** A file in a form. The input of a batch is a list of calls. */
async function readForm(exchange: CarriedExchange, named: readonly NamedObject[], bytes: Buffer): Promise<CarriedBody> {
  const form = await readUpload(bytes, exchange.headers.one('content-type'))
  refuseSteeringNames([...form.fields.keys(), ...form.files.map(({ name }) => name)])
  const all = [...named, ...filesInForm(form, exchange.carried.route.mayTake ?? [])]
  const input = form.fields.get('purpose') === 'batch' ? form.files.find(({ name }) => name === 'file') : undefined
  if (!input) return { ...plainBody(all, bytes), wordedFor: () => writeUpload(form) }
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
