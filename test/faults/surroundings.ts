import type { Clock } from '../../src/canonical/clock.ts'
import { systemClock } from '../../src/canonical/clock.ts'
import { openBlackHole, type BlackHole } from '../../src/providers/laws/black-hole.ts'
import { openRawUpstream, type RawUpstream } from '../../src/providers/laws/raw-upstream.ts'
import { startSimulated, type SimulatedServer } from '../../src/providers/simulated/serve.ts'
import { openFaultProxy, type FaultProxy } from './proxy.ts'
import type { RawAnswer } from './raw-answers.ts'

/** What a gateway under test has around it: providers that tell the truth, and proxies that stand before them. */
export interface Surroundings {
  /** One provider behind three proxies; its log is the truth that records are held against. */
  readonly provider: SimulatedServer
  readonly one: FaultProxy
  readonly two: FaultProxy
  readonly three: FaultProxy
  /** A provider of bare sockets, which says the next of `rawAnswers` to each call. */
  readonly raw: RawUpstream
  readonly rawAnswers: RawAnswer[]
  readonly hole: BlackHole
  close(): Promise<void>
}

/** @param clock what the waits in scripts are measured with. */
export async function openSurroundings(clock: Clock, splits: (() => number) | undefined): Promise<Surroundings> {
  const provider = await startSimulated({ clock: systemClock, speed: 'instant' })
  const proxy = () => openFaultProxy({ to: provider.origin, clock, ...(splits ? { splits } : {}) })
  const [one, two, three] = await Promise.all([proxy(), proxy(), proxy()])
  const rawAnswers: RawAnswer[] = []
  const raw = await openRawUpstream({
    onCall: (socket) => {
      const answer = rawAnswers.shift()
      if (answer) answer(socket)
      else socket.destroy()
    },
  })
  const hole = await openBlackHole()
  return {
    provider,
    one,
    two,
    three,
    raw,
    rawAnswers,
    hole,
    close: async () => {
      for (const opened of [one, two, three, raw, hole]) await opened[Symbol.asyncDispose]()
      await provider.close()
    },
  }
}

/** The limits of the gateway under test, in milliseconds. With real pauses they are divided (`own-process.ts`). */
export const limits = {
  connectMs: 3_000,
  firstByteMs: 60_000,
  firstByteUnaryMs: 120_000,
  idleMs: 45_000,
  totalMs: 240_000,
} as const

/** What the provider says, by the proxy before it, a token a word: each is there once, so that none is lost or doubled unseen. */
export const texts = {
  one: wordsOf('one'),
  two: wordsOf('two'),
  three: wordsOf('three'),
} as const

function wordsOf(name: string): string {
  return Array.from({ length: 12 }, (_, place) => `${name}_${place}`).join(' ')
}

/**
 * The providers and models of the gateway under test. Every alias is a pattern, so that each call can have a model, and
 * so a target, of its own: what a gateway learns of a target in one case is not in the way of the next.
 * @param divide how a limit is scaled.
 */
export function configFor(around: Surroundings, divide: (limitMs: number) => number): string {
  const network = `network: { connectTimeoutMs: ${divide(limits.connectMs)} }`
  const more = `prices: { "*": { input: "1", output: "4" } }, ${network}`
  const simulated = (name: string, proxy: FaultProxy) =>
    `  ${name}: { kind: simulated, baseUrl: "${proxy.origin}", ${more} }`
  const target = (provider: string, text: keyof typeof texts) =>
    `{ provider: ${provider}, model: "${text}-*?text=${encodeURIComponent(texts[text])}" }`
  const [one, two, three] = [target('one', 'one'), target('two', 'two'), target('three', 'three')]
  const raw = '{ provider: raw, model: "raw-*" }'
  const alias = (name: string, targets: readonly string[], rest = '') =>
    `  ${name}/*: { targets: [${targets.join(', ')}]${rest} }`
  return [
    'providers:',
    simulated('one', around.one),
    simulated('two', around.two),
    simulated('three', around.three),
    `  chat: { kind: openai-compatible, baseUrl: "${around.two.origin}/v1", ${more} }`,
    `  messages: { kind: anthropic, baseUrl: "${around.one.origin}", credentials: { apiKey: env:FAULTS_KEY }, ${more} }`,
    `  raw: { kind: openai-compatible, baseUrl: "${around.raw.origin}/v1", ${more} }`,
    `  raw-messages: { kind: anthropic, baseUrl: "${around.raw.origin}", credentials: { apiKey: env:FAULTS_KEY }, ${more} }`,
    `  hole: { kind: openai-compatible, baseUrl: "http://127.0.0.1:${around.hole.port}/v1", ${more} }`,
    'models:',
    alias('alone', [one]),
    alias('pair', [one, two]),
    alias('three', [one, two, three]),
    alias('brave', [one, two], ', retry: { afterReset: true }'),
    alias('hole', [target('hole', 'one'), two]),
    alias('odd', ['{ provider: one, model: "one-*" }']),
    alias('raw', [raw]),
    alias('raw-pair', [raw, two]),
    alias('raw-messages', ['{ provider: raw-messages, model: "raw-*" }']),
    alias('crossed', [target('messages', 'one'), target('chat', 'two')]),
    alias('patient', [one], `, deadlines: { firstByteMs: ${divide(130_000)}, totalMs: ${divide(400_000)} }`),
    // For what has nothing to do with time: a busy machine is no fault.
    alias(
      'calm',
      [one, two],
      ', deadlines: { firstByteMs: 60000, firstByteUnaryMs: 60000, idleMs: 60000, totalMs: 120000 }',
    ),
    `deadlines: { firstByteMs: ${divide(limits.firstByteMs)}, firstByteUnaryMs: ${divide(limits.firstByteUnaryMs)}, idleMs: ${divide(limits.idleMs)}, totalMs: ${divide(limits.totalMs)} }`,
  ].join('\n')
}
