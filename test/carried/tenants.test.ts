import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { carriedRoutes, type CarriedRoute } from '../../src/gateway/carried/routes.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startKeeping, type KeepingProvider } from './keeping-provider.ts'

/**
 * Two tenants share one account at one provider, which gives anything to anyone. Whatever they do, in whatever order and at the same
 * time, on every path that is carried and in every call that can name what a provider keeps: no id of one is ever told to the other,
 * and none that the other names reaches the provider (failures.md B4).
 */
let provider: KeepingProvider
let weir: RunningGateway
const keys: string[] = []

beforeAll(async () => {
  provider = await startKeeping()
  weir = await startGateway({
    config: `
providers:
  open: { kind: openai, baseUrl: "${provider.origin}/v1", credentials: { apiKey: env:KEY } }
  claude: { kind: anthropic, baseUrl: "${provider.origin}", credentials: { apiKey: env:KEY } }
  google: { kind: gemini, baseUrl: "${provider.origin}", credentials: { apiKey: env:KEY } }
models:
  smart: { targets: [{ provider: open, model: m }] }
  wise: { targets: [{ provider: claude, model: c }] }
  swift: { targets: [{ provider: google, model: g }] }
`,
    env: { KEY: 'secret-1' },
  })
  for (const name of ['one', 'two']) {
    await weir.admin('/api/organisations', { method: 'POST', body: JSON.stringify({ name }) })
    const body = JSON.stringify({ name: 'k', organisation: name })
    const made = await weir.admin('/api/keys', { method: 'POST', body })
    keys.push(((await made.json()) as { key: string }).key)
  }
})

afterAll(async () => {
  await weir.close()
  await provider.close()
})

describe('two tenants of one account', () => {
  it('never see, name or change what is the other’s, on any path that is carried', async () => {
    const reached = new Set<string>()
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
        const world: World = { ids: [], reached }
        // Something of everything, of both; and once each of them in everything that can name it, what removes it last.
        for (const door of [
          ...doors.filter(({ namesId }) => !namesId),
          ...doors.filter(({ namesId, made }) => namesId && made),
        ])
          await Promise.all(tenants.map((tenant) => play({ tenant, door, pick: 0, isForeign: false }, world)))
        if (reached.size <= doors.length) {
          const named = doors.filter(({ namesId }) => namesId)
          const inOrder = [...named.filter((door) => !isRemoval(door)), ...named.filter(isRemoval).toReversed()]
          for (const isForeign of [true, false])
            for (const door of inOrder)
              for (const tenant of tenants) await play({ tenant, door, pick: 0, isForeign }, world)
        }
        for (let at = 0; at < steps.length; at += together)
          await Promise.all(steps.slice(at, at + together).map((one) => play(one, world)))
      }),
      { numRuns: 30, seed: 6 },
    )
    // Nothing was passed over by chance: each path answered its owner well, and refused a stranger.
    const all = doors.flatMap(({ name, namesId }) => (namesId ? [`${name} own`, `${name} foreign`] : [`${name} own`]))
    expect([...reached].toSorted()).toEqual(all.toSorted())
  }, 120_000)
})

const isRemoval = ({ name }: Door) => name.startsWith('DELETE')

const tenants = [0, 1] as const

/** Steps that are under way at once. */
const together = 3

interface Door {
  readonly name: string
  readonly namesId: boolean
  /** Which ids it can name. */
  readonly fits: (owned: Owned) => boolean
  /**
   * @param own something of a kind that is the caller's.
   * @returns `undefined` where the caller has nothing to call it with.
   */
  call(
    id: string,
    own: (kind: string, family: string) => string | undefined,
  ):
    | {
        readonly method: string
        readonly path: string
        readonly body?: string | FormData
        readonly headers?: Record<string, string>
      }
    | undefined
  /** What its answer says was made. */
  made?(answer: unknown): Omit<Owned, 'tenant'> | undefined
}

interface Owned {
  readonly tenant: number
  readonly id: string
  readonly kind: string
  readonly family: string
}

interface World {
  readonly ids: Owned[]
  readonly reached: Set<string>
}

const json = { 'content-type': 'application/json' }
const familyHeaders: Readonly<Record<string, Record<string, string>>> = {
  openai: {},
  anthropic: { 'anthropic-version': '2023-06-01' },
  gemini: {},
}

const line = JSON.stringify({
  custom_id: '1',
  method: 'POST',
  url: '/v1/responses',
  body: { model: 'smart', input: 'hi' },
})
const message = { role: 'user', content: 'hi' }

const bodies: Readonly<Record<string, (id: string) => string | FormData>> = {
  'POST /v1/files openai': () => formOf({ purpose: 'batch' }, line),
  'POST /v1/files anthropic': () => formOf({}, 'text'),
  'POST /v1/batches openai': (id) =>
    JSON.stringify({ input_file_id: id, endpoint: '/v1/responses', completion_window: '24h' }),
  'POST /v1/messages/batches anthropic': () =>
    JSON.stringify({ requests: [{ custom_id: '1', params: { model: 'wise', max_tokens: 5, messages: [message] } }] }),
  'POST /v1beta/cachedContents gemini': () =>
    JSON.stringify({ model: 'models/swift', contents: [{ parts: [{ text: 'long' }] }] }),
  'POST /v1beta/models/{model}:batchGenerateContent gemini': () =>
    geminiBatch({ contents: [{ parts: [{ text: 'hi' }] }] }),
  'POST /v1beta/models/{model}:asyncBatchEmbedContent gemini': () =>
    geminiBatch({ content: { parts: [{ text: 'hi' }] } }),
  'PATCH /v1beta/cachedContents/{id} gemini': () => JSON.stringify({ ttl: '60s' }),
}

const doors: readonly Door[] = [
  ...carriedRoutes.filter(({ does }) => does !== 'bring').flatMap(doorsOf),
  {
    name: 'upload',
    namesId: false,
    fits: () => true,
    call: () => ({
      method: 'POST',
      path: '/upload/v1beta/files',
      body: '{"file":{"displayName":"x"}}',
      headers: { ...json, 'x-goog-upload-protocol': 'resumable', 'x-goog-upload-command': 'start' },
    }),
  },
  {
    name: 'upload, finalize',
    namesId: true,
    fits: ({ kind, family }) => kind === 'upload' && family === 'gemini',
    call: (id) => ({
      method: 'POST',
      path: `/upload/v1beta/files?upload_id=${id}&upload_protocol=resumable`,
      body: 'text',
      headers: { 'x-goog-upload-command': 'upload, finalize', 'x-goog-upload-offset': '0' },
    }),
    made: (answer) => ({ id: idIn((answer as { file?: unknown }).file), kind: 'file', family: 'gemini' }),
  },
  {
    name: 'a response',
    namesId: false,
    fits: () => true,
    call: () => ({
      method: 'POST',
      path: '/v1/responses',
      body: JSON.stringify({ model: 'smart', input: 'hi' }),
      headers: json,
    }),
    made: (answer) => ({ id: idIn(answer), kind: 'answer', family: 'openai' }),
  },
  naming('a response that builds on one', 'answer', 'openai', (id) => [
    '/v1/responses',
    { model: 'smart', input: 'hi', previous_response_id: id },
  ]),
  naming('a response with a file', 'file', 'openai', (id) => [
    '/v1/responses',
    { model: 'smart', input: [{ role: 'user', content: [{ type: 'input_file', file_id: id }] }] },
  ]),
  naming('a response with a vector store', 'store', 'openai', (id) => [
    '/v1/responses',
    { model: 'smart', input: 'hi', tools: [{ type: 'file_search', vector_store_ids: [id] }] },
  ]),
  naming('a response in a container', 'container', 'openai', (id) => [
    '/v1/responses',
    { model: 'smart', input: 'hi', tools: [{ type: 'code_interpreter', container: id }] },
  ]),
  naming('a response in a conversation', 'conversation', 'openai', (id) => [
    '/v1/responses',
    { model: 'smart', input: 'hi', conversation: id },
  ]),
  naming('a response that masks with a file', 'file', 'openai', (id) => [
    '/v1/responses',
    { model: 'smart', input: 'hi', tools: [{ type: 'image_generation', input_image_mask: { file_id: id } }] },
  ]),
  naming('an edit of a picture that is a file', 'file', 'openai', (id) => [
    '/v1/images/edits',
    { model: 'smart', prompt: 'hi', images: [{ file_id: id }] },
  ]),
  naming('items of a conversation with a file in what a tool answered', 'file', 'openai', (id) => [
    '/v1/conversations',
    { items: [{ type: 'computer_call_output', call_id: 'c', output: { type: 'computer_screenshot', file_id: id } }] },
  ]),
  {
    name: 'a file of a container, by a form',
    namesId: true,
    fits: ({ kind, family }) => kind === 'file' && family === 'openai',
    call: (id, own) => {
      const container = own('container', 'openai')
      const body = new FormData()
      body.append('file_id', id)
      return container === undefined ? undefined : { method: 'POST', path: `/v1/containers/${container}/files`, body }
    },
  },
  {
    name: 'a message',
    namesId: false,
    fits: () => true,
    call: () => ({
      method: 'POST',
      path: '/v1/messages',
      body: JSON.stringify({ model: 'wise', max_tokens: 5, messages: [message] }),
      headers: { ...json, ...familyHeaders['anthropic'] },
    }),
    made: (answer) => ({
      id: idIn((answer as { container?: unknown }).container),
      kind: 'container',
      family: 'anthropic',
    }),
  },
  naming('a message in a container', 'container', 'anthropic', (id) => [
    '/v1/messages',
    { model: 'wise', max_tokens: 5, messages: [message], container: id },
  ]),
  naming('a message with a file', 'file', 'anthropic', (id) => [
    '/v1/messages',
    {
      model: 'wise',
      max_tokens: 5,
      messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'file', file_id: id } }] }],
    },
  ]),
  naming('a generation with a file', 'file', 'gemini', (id) => [
    '/v1beta/models/swift:generateContent',
    { contents: [{ parts: [{ fileData: { fileUri: `https://generativelanguage.googleapis.com/v1beta/${id}` } }] }] },
  ]),
  naming('an embedding of a file', 'file', 'gemini', (id) => [
    '/v1beta/models/swift:embedContent',
    { content: { parts: [{ fileData: { fileUri: `https://generativelanguage.googleapis.com/v1beta/${id}?x` } }] } },
  ]),
  naming('a generation with a cache', 'cache', 'gemini', (id) => [
    '/v1beta/models/swift:generateContent',
    { contents: [{ parts: [{ text: 'hi' }] }], cachedContent: id },
  ]),
]

const step = fc.record({
  tenant: fc.constantFrom(...tenants),
  door: fc.constantFrom(...doors),
  pick: fc.nat(1_000),
  isForeign: fc.boolean(),
})
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

async function play({ tenant, door, pick, isForeign }: Step, world: World): Promise<void> {
  const pool = world.ids.filter((owned) => door.fits(owned) && (owned.tenant !== tenant) === isForeign)
  const named = door.namesId ? pool[pick % Math.max(pool.length, 1)] : undefined
  if (door.namesId && !named) return
  const own = (kind: string, family: string) =>
    world.ids.findLast((owned) => owned.tenant === tenant && owned.kind === kind && owned.family === family)?.id
  const called = door.call(named?.id ?? '', own)
  if (!called) return
  const { method, path, body, headers = {} } = called
  const answer = await fetch(`${weir.gateway.dataOrigin}${path}`, {
    method,
    ...(body !== undefined && { body }),
    headers: { authorization: `Bearer ${keys[tenant]}`, ...headers },
  })
  const text = await answer.text()
  const told = `${text} ${JSON.stringify([...answer.headers])}`
  // The other's ids, but for the one that the caller itself has named.
  for (const { id, tenant: owner } of world.ids)
    if (owner !== tenant && id !== named?.id && says(told, id))
      throw new Error(`${door.name} told tenant ${tenant} of ${id}`)
  if (named && isForeign) {
    const isRefused = answer.status === 404 || (answer.status === 400 && text.includes('state_not_available'))
    if (!isRefused) throw new Error(`${door.name} served ${named.id} to a stranger: ${answer.status} ${text}`)
    const id = answer.headers.get('x-weir-request-id')
    const ended = weir.finished.find((exchange) => exchange.id === id)
    if (!ended || ended.records.some((record) => record.provider !== undefined))
      throw new Error(`${door.name} asked the provider for ${named.id} on behalf of a stranger`)
    world.reached.add(`${door.name} foreign`)
    return
  }
  if (!answer.ok) return
  world.reached.add(`${door.name} own`)
  if (door.name === 'upload') {
    const id = new URL(answer.headers.get('x-goog-upload-url') ?? '').searchParams.get('upload_id')
    if (id !== null) world.ids.push({ tenant, id, kind: 'upload', family: 'gemini' })
    return
  }
  const made = door.made?.(JSON.parse(text))
  if (made) world.ids.push({ tenant, ...made })
}

/** One for each place in which it can name something, and one for none where it need not. */
function doorsOf(route: CarriedRoute): readonly Door[] {
  const { path, innerKind, takes, mayTake, holdsItems } = route
  const names = takes ?? mayTake ?? (holdsItems ? ['items'] : undefined)
  const places = [path.includes('{id}') && 'id', innerKind && 'inner', names && 'body'] as const
  const doors = places.flatMap((place) => (place ? [doorOf(route, place)] : []))
  const isFree = !path.includes('{id}') && takes === undefined
  return isFree ? [...doors, doorOf(route, undefined)] : doors
}

function doorOf(route: CarriedRoute, named: 'id' | 'inner' | 'body' | undefined): Door {
  const { method, path, family, kind, does, innerKind, brings } = route
  const name = `${method} ${path} ${family}`
  const kindNamed = named === 'id' ? kind : named === 'inner' ? innerKind : 'file'
  return {
    name: named === undefined || named === 'id' ? name : `${name}: ${named}`,
    namesId: named !== undefined,
    fits: (owned) => owned.family === family && owned.kind === kindNamed,
    call: (id, own) => {
      const outer = named === 'id' ? id : path.includes('{id}') ? own(kind, family) : ''
      const inner = named === 'inner' ? id : innerKind ? own(innerKind, family) : 'inside-1'
      const file = named === 'body' ? id : own('file', family)
      if (outer === undefined || inner === undefined || (route.takes && file === undefined)) return undefined
      const body = bodies[name]?.(file ?? '') ?? bodyOf(route, named === 'body' || route.takes ? file : undefined)
      const below = outer.slice(outer.indexOf('/') + 1)
      return {
        method,
        path: path.replace('{id}', below).replace('{inner}', inner).replace('{model}', 'swift'),
        ...(body !== undefined && { body }),
        headers: { ...familyHeaders[family], ...(typeof body === 'string' && json) },
      }
    },
    ...(does === 'make' && { made: (answer: unknown) => ({ id: idIn(answer), kind, family }) }),
    ...(brings?.includes('file') && {
      made: (answer: unknown) => ({ id: idIn((answer as { file?: unknown }).file), kind: 'file', family }),
    }),
  }
}

/** @param file that it names, as it names files. */
function bodyOf(route: CarriedRoute, file: string | undefined): string | FormData | undefined {
  const { method, body, takes, mayTake, holdsItems } = route
  if (method !== 'POST' || body === 'none') return undefined
  if (body === 'bytes' && file === undefined) return formOf({}, 'part')
  if (file === undefined) return '{}'
  const [member = ''] = takes ?? mayTake ?? []
  const content = [{ type: 'input_file', file_id: file }]
  return JSON.stringify(
    holdsItems
      ? { items: [{ type: 'message', role: 'user', content }] }
      : { [member]: member === 'file_ids' ? [file] : file },
  )
}

function naming(name: string, kind: string, family: string, call: (id: string) => readonly [string, object]): Door {
  return {
    name,
    namesId: true,
    fits: (owned) => owned.kind === kind && owned.family === family,
    call: (id) => {
      const [path, body] = call(id)
      return { method: 'POST', path, body: JSON.stringify(body), headers: { ...json, ...familyHeaders[family] } }
    },
  }
}

function geminiBatch(request: object): string {
  return JSON.stringify({ batch: { inputConfig: { requests: { requests: [{ request }] } } } })
}

function formOf(fields: Readonly<Record<string, string>>, content: string): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  form.append('file', new File([content], 'x.txt'))
  return form
}

function idIn(answer: unknown): string {
  const { id, name } = answer as { id?: string; name?: string }
  return id ?? name ?? ''
}

/** Whether a text names an id, and not a longer one that begins alike. */
function says(text: string, id: string): boolean {
  for (let from = text.indexOf(id); from >= 0; from = text.indexOf(id, from + 1))
    if (!/[\w-]/.test(text[from + id.length] ?? '')) return true
  return false
}
