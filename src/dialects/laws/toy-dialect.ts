import { ExtentDraft } from '../../canonical/extent.ts'
import type { Block, ChatCall, Message, TextBlock, Tool } from '../../canonical/chat.ts'
import { errorTable, type GatewayError } from '../../canonical/error.ts'
import type { HeardFrame, ReplyEvent } from '../../canonical/event.ts'
import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import type { Losses } from '../../canonical/loss.ts'
import { hear, originOf, rewrite } from '../../canonical/origin.ts'
import { noUsage } from '../../canonical/usage.ts'
import { writeSse } from '../../wire/sse.ts'
import type { StreamReader } from '../dialect.ts'
import { readProviderProblem } from '../shared/problems/provider-problem.ts'
import type { AnswerSettings, ChatTranslation, EventReader, FrameWriter } from '../translation.ts'
import type { Subject } from './law.ts'
import { nothingSaid } from './nothing-said.ts'
import { valueOf } from './retell.ts'

/**
 * A dialect small enough to be right at sight, and the ways to break it, each of which a law must notice.
 * `rich` has a word for the name of a participant; the plain one has none.
 */
export type Fault =
  | 'forgets unknown fields of messages'
  | 'forgets unknown fields of answers'
  | 'forgets unknown fields of frames'
  | 'writes every message anew'
  | 'leaves nodes loose'
  | 'says its last frame twice'
  | 'drops thoughts from streams'
  | 'drops thoughts from bodies'
  | 'adds usage up'
  | 'never ends a block'
  | 'says nothing of names'
  | 'says nothing of thoughts in answers'
  | 'keeps views of bytes'
  | 'calls every problem the caller’s'
  | 'echoes frames of others'
  | 'throws'

export function toyDialect(name: string, isRich: boolean, fault?: Fault): Subject {
  return {
    name,
    operation: 'chat',
    readCall: (body) => ({
      operation: 'chat',
      modelName: String(body['model']),
      isStream: body['stream'] === true,
      outputCapTokens: undefined,
      choiceCount: 1,
      wantsStreamUsage: true,
      needs: new Set(),
      endUser: undefined,
    }),
    readExtent: () => new ExtentDraft().done(),
    isFreeForm: (path) => path[0] === 'tools' && path[2] === 'schema',
    upstreamEdits: (_body, _call, targetModelName) => [{ key: 'model', value: targetModelName }],
    readReply: () => ({ ...noFacts }),
    openStream: () => new ToyStreamReader(),
    readProblem: readProviderProblem,
    writeLimits: () => [],
    outputCapEdits: (_body, tokens) => [{ key: 'cap', value: tokens }],
    writeProblem: (problem, requestId) => problemBody(problem, requestId, fault),
    writeStreamProblem: (problem, requestId) =>
      writeSse('error', JSON.stringify(problemBody(problem, requestId, fault))),
    translation: toyTranslation(name, isRich, fault),
  }
}

const noFacts = {
  usage: undefined,
  responseModel: undefined,
  providerCostNanos: undefined,
  problem: undefined,
  textBytes: 0,
} as const

function problemBody(problem: GatewayError, requestId: string, fault: Fault | undefined): JsonObject {
  const kind = fault === 'calls every problem the caller’s' ? 'invalid_request' : problem.kind
  const { message } = problem
  return { type: 'error', error: { type: errorTable[kind].openaiType, code: kind, message }, request_id: requestId }
}

class ToyStreamReader implements StreamReader {
  #problem: ReturnType<typeof readProviderProblem> | undefined
  #usage: ReturnType<StreamReader['facts']>['usage']

  read(event: string, data: Buffer) {
    const value = valueOf(data.toString())
    if (event === 'error') {
      this.#problem = readProviderProblem(undefined, value)
      return 'error'
    }
    if (isJsonObject(value) && value['t'] === 'usage') this.#usage = { ...noUsage, outputText: Number(value['out']) }
    return value === 'bye' ? 'end' : 'content'
  }

  facts() {
    return {
      ...noFacts,
      problem: this.#problem,
      usage: this.#usage,
      isUsageFinal: true,
      isComplete: true,
      contentFrames: 0,
    }
  }
}

function toyTranslation(dialect: string, isRich: boolean, fault: Fault | undefined): ChatTranslation {
  return {
    readChat: (body) => {
      if (fault === 'throws' && JSON.stringify(body).includes('x_not_known')) throw new TypeError('a bug')
      const call = readChat(dialect, isRich, body, fault)
      return fault === 'leaves nodes loose' ? { ...call, messages: [...call.messages] } : call
    },
    writeChat(call, losses) {
      if (!isOwn(call, dialect)) losses.account(call, ['modelName', 'isStream', 'messages', 'tools'])
      const fresh = (one: ChatCall): JsonObject => ({
        model: one.modelName,
        ...(one.isStream && { stream: true }),
        messages: one.messages.map((message) => writeMessage(dialect, isRich, message, losses, fault)),
        ...(one.tools && { tools: one.tools.map((tool) => rewrite(tool, dialect, freshTool)) }),
      })
      if (fault === 'forgets unknown fields of messages') return fresh(call)
      if (fault === 'writes every message anew')
        return { ...fresh(call), messages: call.messages.map((message) => freshMessage(dialect, isRich, message)) }
      const written = rewrite(call, dialect, fresh)
      return isJsonObject(written) ? written : {}
    },
    readAnswer: (body) => heardFrame(dialect, readAnswer(body, textKey(isRich)), body),
    writeAnswer(answer, losses) {
      const { wire } = answer
      const echoes = isOwn(answer, dialect) || fault === 'echoes frames of others'
      if (isJsonObject(wire) && echoes && fault !== 'forgets unknown fields of answers') return wire
      return freshAnswer(answer.events, losses, isRich, fault)
    },
    openEvents: () => new ToyEventReader(dialect, textKey(isRich), fault),
    openFrames: (losses, settings) => new ToyFrameWriter(dialect, losses, settings, isRich, fault),
  }
}

function readChat(dialect: string, isRich: boolean, body: JsonObject, fault: Fault | undefined): ChatCall {
  const call = {
    ...nothingSaid,
    modelName: String(body['model']),
    isStream: body['stream'] === true,
    messages: Object.freeze(
      list(body['messages']).map((message, index) =>
        readMessage(dialect, isRich, message, `messages[${index}]`, fault),
      ),
    ),
    tools:
      body['tools'] === undefined
        ? undefined
        : list(body['tools']).map((tool, index) => readTool(dialect, tool, `tools[${index}]`)),
  }
  const heard = { modelName: 'model', isStream: 'stream', messages: 'messages', tools: 'tools' }
  return hear<ChatCall>(call, { dialect, wire: body, path: '', heard })
}

function readMessage(dialect: string, isRich: boolean, wire: Json, path: string, fault: Fault | undefined): Message {
  const said = isJsonObject(wire) ? wire : {}
  const blocks = list(said['say']).map((part, index) => readBlock(dialect, part, `${path}.say[${index}]`))
  const name = isRich && typeof said['name'] === 'string' ? said['name'] : undefined
  const node: Message = { role: said['who'] === 'model' ? 'assistant' : 'user', blocks, name }
  const kept: Json =
    fault === 'forgets unknown fields of messages' ? freshMessage(dialect, isRich, node) : (wire satisfies Json)
  return hear(node, { dialect, wire: kept, path, heard: { '': 'who', blocks: 'say', ...(isRich && { name: 'name' }) } })
}

function readBlock(dialect: string, wire: Json, path: string): Block {
  const said = isJsonObject(wire) ? wire : {}
  const origin = { dialect, wire, path, heard: { text: 'text' } }
  if (typeof said['of'] !== 'string')
    return hear({ kind: 'text', text: String(said['text']), citations: undefined, cache: undefined }, origin)
  const inner = hear<TextBlock>(
    { kind: 'text', text: String(said['text']), citations: undefined, cache: undefined },
    {
      dialect,
      wire: String(said['text']),
      path: `${path}.text`,
      heard: {},
    },
  )
  return hear(
    { kind: 'tool-result', toolUseId: said['of'], blocks: [inner], isError: undefined, cache: undefined },
    { dialect, wire, path, heard: { toolUseId: 'of', blocks: 'text' } },
  )
}

function readTool(dialect: string, wire: Json, path: string): Tool {
  const said = isJsonObject(wire) ? wire : {}
  const node: Tool = {
    kind: 'function',
    name: String(said['name']),
    description: typeof said['about'] === 'string' ? said['about'] : undefined,
    schema: isJsonObject(said['schema']) ? said['schema'] : undefined,
    isStrict: undefined,
    cache: undefined,
  }
  return hear(node, { dialect, wire, path, heard: { name: 'name', description: 'about', schema: 'schema' } })
}

function writeMessage(
  dialect: string,
  isRich: boolean,
  message: Message,
  losses: Losses,
  fault: Fault | undefined,
): Json {
  const carriesName = isRich || fault === 'says nothing of names'
  if (!isOwn(message, dialect)) losses.account(message, ['role', 'blocks', ...(carriesName ? (['name'] as const) : [])])
  return rewrite(message, dialect, (one) => freshMessage(dialect, isRich, one))
}

function isOwn(node: object, dialect: string): boolean {
  return originOf(node)?.dialect === dialect
}

function freshMessage(dialect: string, isRich: boolean, { role, blocks, name }: Message): JsonObject {
  return {
    who: role === 'assistant' ? 'model' : 'user',
    say: blocks.map((block) => rewrite(block, dialect, freshBlock)),
    ...(isRich && name !== undefined && { name }),
  }
}

function freshBlock(block: Block): Json {
  if (block.kind === 'tool-result')
    return { of: block.toolUseId, text: block.blocks.map(freshBlock).map(textOf).join('') }
  return block.kind === 'text' ? { text: block.text } : {}
}

function textOf(wire: Json): string {
  return isJsonObject(wire) ? String(wire['text']) : ''
}

function freshTool(tool: Tool): Json {
  if (tool.kind !== 'function') return {}
  const { name, description, schema } = tool
  return { name, ...(description !== undefined && { about: description }), ...(schema && { schema }) }
}

/** What the two call a text in an answer: each reads only its own word. */
function textKey(isRich: boolean): string {
  return isRich ? 'text' : 'words'
}

function readAnswer(body: JsonObject, key: string): readonly ReplyEvent[] {
  const parts = list(body['parts']).flatMap((part, block): readonly ReplyEvent[] => {
    const said = isJsonObject(part) ? part : {}
    const kind = said['kind'] === 'thought' ? 'thought' : 'text'
    const of = { choice: 0, block }
    return [
      { kind: 'block-start', ...of, content: { kind } },
      { kind: 'block-delta', ...of, delta: { kind: 'text', text: String(said[key]) } },
      { kind: 'block-end', ...of },
    ]
  })
  return [opened(body), ...parts, closed, used(Number(body['out']))]
}

function opened(said: JsonObject): ReplyEvent {
  return { kind: 'open', id: String(said['id']), responseModel: undefined, createdAtSeconds: undefined }
}

const closed: ReplyEvent = { kind: 'close', choice: 0, reason: 'end', nativeReason: undefined, stopSequence: undefined }

function used(outputText: number): ReplyEvent {
  const usage = { ...noUsage, outputText }
  return { kind: 'usage', usage, providerCostNanos: undefined, serviceTier: undefined }
}

/** The plain dialect has no word for thoughts in an answer either. */
function freshAnswer(
  events: readonly ReplyEvent[],
  losses: Losses,
  isRich: boolean,
  fault: Fault | undefined,
): JsonObject {
  const parts: { kind: string; text: string }[] = []
  let id = ''
  let out = 0
  for (const event of events) {
    if (event.kind === 'open') id = event.id ?? ''
    if (event.kind === 'block-start') parts.push({ kind: event.content.kind, text: '' })
    const last = parts.at(-1)
    if (event.kind === 'block-delta' && event.delta.kind === 'text' && last) last.text += event.delta.text
    if (event.kind === 'usage') out = event.usage.outputText
  }
  const isTold = ({ kind }: { kind: string }) =>
    fault !== 'drops thoughts from bodies' && (isRich || kind !== 'thought')
  for (const [index, part] of parts.entries())
    if (!isTold(part) && fault !== 'says nothing of thoughts in answers')
      losses.note(`parts[${index}]`, 'lost', 'the target has no word for thoughts')
  return { id, parts: parts.filter(isTold).map(({ kind, text }) => ({ kind, [textKey(isRich)]: text })), out }
}

function heardFrame(dialect: string, events: readonly ReplyEvent[], wire: Json): HeardFrame {
  return hear<HeardFrame>({ events, wire }, { dialect, wire, path: '', heard: {}, unheard: [] })
}

class ToyEventReader implements EventReader {
  readonly #dialect: string
  readonly #textKey: string
  readonly #fault: Fault | undefined
  #block = -1
  #out = 0
  #last: Buffer = Buffer.alloc(0)

  constructor(dialect: string, key: string, fault: Fault | undefined) {
    this.#dialect = dialect
    this.#textKey = key
    this.#fault = fault
  }

  read(_event: string, data: Buffer): HeardFrame {
    const bytes = this.#fault === 'keeps views of bytes' ? this.#last : data
    this.#last = data
    const value = valueOf(bytes.toString())
    if (!isJsonObject(value)) return heardFrame(this.#dialect, [], value)
    const wire = this.#fault === 'forgets unknown fields of frames' ? { t: value['t'] ?? null } : value
    return heardFrame(this.#dialect, this.#eventsOf(value), wire)
  }

  end(): readonly ReplyEvent[] {
    return []
  }

  #eventsOf(value: JsonObject): readonly ReplyEvent[] {
    switch (value['t']) {
      case 'open':
        return [opened(value)]
      case 'start':
        this.#block++
        return [
          { kind: 'block-start', ...this.#at(), content: { kind: value['kind'] === 'thought' ? 'thought' : 'text' } },
        ]
      case 'more':
        return [{ kind: 'block-delta', ...this.#at(), delta: { kind: 'text', text: String(value[this.#textKey]) } }]
      case 'stop':
        return this.#fault === 'never ends a block' ? [] : [{ kind: 'block-end', ...this.#at() }]
      case 'usage':
        this.#out = Number(value['out']) + (this.#fault === 'adds usage up' ? this.#out : 0)
        return [used(this.#out)]
      case 'close':
        return [closed]
      default:
        return []
    }
  }

  #at() {
    return { choice: 0, block: this.#block }
  }
}

class ToyFrameWriter implements FrameWriter {
  readonly #dialect: string
  readonly #losses: Losses
  readonly #isRich: boolean
  readonly #fault: Fault | undefined
  #isThought = false

  constructor(dialect: string, losses: Losses, _settings: AnswerSettings, isRich: boolean, fault: Fault | undefined) {
    this.#dialect = dialect
    this.#losses = losses
    this.#isRich = isRich
    this.#fault = fault
  }

  write(frame: HeardFrame): string {
    const { events, wire } = frame
    if (wire === 'bye') return this.#fault === 'says its last frame twice' ? writeSse(undefined, '"bye"') : ''
    const echoes = isOwn(frame, this.#dialect) || this.#fault === 'echoes frames of others'
    if (wire !== undefined && echoes) return writeSse(undefined, JSON.stringify(wire))
    return events.map((event) => this.#frame(event)).join('')
  }

  end(): string {
    return writeSse(undefined, '"bye"')
  }

  #frame(event: ReplyEvent): string {
    if (event.kind === 'block-start') this.#isThought = event.content.kind === 'thought'
    const isDropped = this.#isThought && (!this.#isRich || this.#fault === 'drops thoughts from streams')
    if (isDropped && event.kind.startsWith('block')) {
      this.#losses.note('parts', 'lost', 'the target has no word for thoughts')
      return ''
    }
    const said = frameOf(event, textKey(this.#isRich))
    return said ? writeSse(undefined, JSON.stringify(said)) : ''
  }
}

function frameOf(event: ReplyEvent, key: string): JsonObject | undefined {
  switch (event.kind) {
    case 'open':
      return { t: 'open', id: event.id ?? '' }
    case 'block-start':
      return { t: 'start', kind: event.content.kind }
    case 'block-delta':
      return event.delta.kind === 'text' ? { t: 'more', [key]: event.delta.text } : undefined
    case 'block-end':
      return { t: 'stop' }
    case 'usage':
      return { t: 'usage', out: event.usage.outputText }
    case 'close':
      return { t: 'close' }
    case 'ping':
      return undefined
  }
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}
