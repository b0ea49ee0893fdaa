import type { JsonObject } from '../../src/canonical/json.ts'
import { toldBudgets } from './budgets.ts'
import { pick } from '../../src/providers/simulated/seeded.ts'

/** One call as a client makes it, and how it is going to behave. */
export interface ClientCall {
  readonly kind: CallKind
  readonly path: string
  readonly body: JsonObject
  /** How the client knows that the answer is whole. */
  readonly ending: 'body' | 'data: [DONE]' | 'event: message_stop'
  /** The client goes away before the end: after so many pieces of content, or after so long. */
  readonly leaves: { readonly afterPieces: number } | { readonly afterMs: number } | undefined
  /** Whether the provider tells what it counted. */
  readonly tellsUsage: boolean
}

/** The models that the calls ask for. */
export const modelsConfig = `
models:
  sim/*: { targets: [{ provider: sim, model: '*' }] }
  failover: { targets: [{ provider: sim, model: 'sim-1?status=503' }, { provider: sim, model: 'sim-1?tokens=12&token_ms=1' }] }
  told-late: { targets: [{ provider: sim, model: 'sim-1?error_after=0' }, { provider: sim, model: 'sim-1?tokens=9' }], budgets: ${toldBudgets} }
  reset: { targets: [{ provider: sim, model: 'sim-1?cut=before_headers' }, { provider: sim, model: 'sim-1?tokens=9' }], retry: { afterReset: true } }
`

export type CallKind = keyof typeof kinds

type Random = () => number
type Making = Omit<ClientCall, 'kind'>
interface Kind {
  /** How often it is drawn, against the others. */
  readonly share: number
  readonly make: (random: Random) => Making
}

const kinds = {
  chat: { share: 6, make: (random) => chat(random, `sim-1?tokens=${upTo(random, 60)}&delay_ms=${upTo(random, 20)}`) },
  'chat-stream': { share: 8, make: (random) => chatStream(random, paced(random)) },
  messages: { share: 4, make: (random) => messages(random, `sim-1?tokens=${upTo(random, 60)}`) },
  'messages-stream': { share: 6, make: (random) => messagesStream(random, paced(random)) },
  embeddings: { share: 3, make: embeddings },
  'leaves-stream': {
    share: 4,
    make: (random) => ({ ...chatStream(random, paced(random)), leaves: { afterPieces: upTo(random, 20) } }),
  },
  'leaves-messages': {
    share: 3,
    make: (random) => ({ ...messagesStream(random, paced(random)), leaves: { afterPieces: upTo(random, 20) } }),
  },
  'leaves-whole': {
    share: 2,
    make: (random) => ({ ...chat(random, 'sim-1?tokens=20&delay_ms=40'), leaves: { afterMs: upTo(random, 40) } }),
  },
  'leaves-billed': {
    share: 3,
    make: (random) => ({
      ...chat(random, 'sim-1?tokens=20&delay_ms=40&bills=to_end'),
      leaves: { afterMs: upTo(random, 40) },
    }),
  },
  failover: { share: 4, make: (random) => pick([chat, chatStream, messagesStream], random)(random, 'failover') },
  'told-late': { share: 2, make: (random) => pick([chat, chatStream, messagesStream], random)(random, 'told-late') },
  reset: { share: 2, make: (random) => pick([chat, messages, chatStream], random)(random, 'reset') },
  cut: { share: 2, make: (random) => chatStream(random, `sim-1?tokens=30&token_ms=1&cut_after=${upTo(random, 20)}`) },
  'cut-messages': {
    share: 2,
    make: (random) => messagesStream(random, `sim-1?tokens=30&token_ms=1&error_after=${upTo(random, 20)}`),
  },
  'no-usage': {
    share: 3,
    make: (random) => ({
      ...pick([chat, chatStream], random)(random, `sim-1?tokens=${upTo(random, 30)}&usage=none`),
      tellsUsage: false,
    }),
  },
  'unknown-model': { share: 1, make: (random) => chat(random, 'nobody-has-this') },
} satisfies Readonly<Record<string, Kind>>

/** Every kind as often as its share says. */
const drawn = (Object.keys(kinds) as CallKind[]).flatMap((kind) => Array<CallKind>(kinds[kind].share).fill(kind))

export function drawCall(random: Random): ClientCall {
  const kind = drawn[Math.floor(random() * drawn.length)] ?? 'chat'
  return { kind, ...kinds[kind].make(random) }
}

/** A plain call of chat completions. */
export function chatCall(model: string, isStream: boolean): ClientCall {
  return {
    kind: isStream ? 'chat-stream' : 'chat',
    path: '/v1/chat/completions',
    body: {
      model,
      messages: [{ role: 'user', content: 'What does a weir do?' }],
      ...(isStream ? { stream: true } : {}),
    },
    ending: isStream ? 'data: [DONE]' : 'body',
    leaves: undefined,
    tellsUsage: true,
  }
}

function chat(random: Random, modelName: string): Making {
  const cap = random() < 0.5 ? {} : { max_tokens: upTo(random, 80) }
  return {
    path: '/v1/chat/completions',
    body: { model: catalogName(modelName), messages: [{ role: 'user', content: words(random) }], ...cap },
    ending: 'body',
    leaves: undefined,
    tellsUsage: true,
  }
}

function chatStream(random: Random, modelName: string): Making {
  const making = chat(random, modelName)
  const asksUsage = random() < 0.5 ? {} : { stream_options: { include_usage: true } }
  return { ...making, body: { ...making.body, stream: true, ...asksUsage }, ending: 'data: [DONE]' }
}

/** With a marked prefix, so that cache writes and reads are counted too. */
function messages(random: Random, modelName: string): Making {
  const system = [
    { type: 'text', text: `cached ${upTo(random, 5)} ${'of old '.repeat(20)}`, cache_control: { type: 'ephemeral' } },
  ]
  return {
    path: '/v1/messages',
    body: {
      model: catalogName(modelName),
      max_tokens: upTo(random, 80),
      ...(random() < 0.5 ? { system } : {}),
      messages: [{ role: 'user', content: words(random) }],
    },
    ending: 'body',
    leaves: undefined,
    tellsUsage: true,
  }
}

function messagesStream(random: Random, modelName: string): Making {
  const making = messages(random, modelName)
  return { ...making, body: { ...making.body, stream: true }, ending: 'event: message_stop' }
}

function embeddings(random: Random): Making {
  return {
    path: '/v1/embeddings',
    body: { model: 'sim/sim-embed', dimensions: 8, input: [words(random), words(random)] },
    ending: 'body',
    leaves: undefined,
    tellsUsage: true,
  }
}

/** An alias of the config stays; a model of the provider is asked for directly. */
function catalogName(modelName: string): string {
  return modelName.startsWith('sim-') ? `sim/${modelName}` : modelName
}

function paced(random: Random): string {
  return `sim-1?tokens=${upTo(random, 60)}&token_ms=${upTo(random, 4) - 1}&delay_ms=${upTo(random, 10)}`
}

function words(random: Random): string {
  return Array.from({ length: upTo(random, 60) }, () =>
    pick(['weir', 'water', 'measures', 'what', 'flows', 'überall', 'past'], random),
  ).join(' ')
}

/** From 1. */
function upTo(random: Random, most: number): number {
  return 1 + Math.floor(random() * most)
}
