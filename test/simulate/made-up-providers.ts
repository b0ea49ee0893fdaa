import type { Upstream, UpstreamCall, UpstreamHandler } from '../../src/providers/provider.ts'
import type { Oracle } from './oracle.ts'
import type { SimulatedTime } from './simulated-clock.ts'

/** What a call will really use is told to the provider in its prompt; see `traffic.ts`. */
const wanted = /"max_tokens":(\d+).*?weight=(\d+)/s
/** What a provider may come to: the shares of calls, of 1. */
const moods = {
  well: { refuse: 0.005, overload: 0.005, limit: 0.005, cut: 0.005, hang: 0.002 },
  ill: { refuse: 0.1, overload: 0.3, limit: 0.1, cut: 0.1, hang: 0.05 },
} as const
const moodMs = 40_000
/** Streams come in so many pieces. */
const pieces = 4
/** Of the answers, so many bill more output than was asked for at most: the provider breaks its own bound. */
const boundBrokenShare = 0.0005

/**
 * Providers that answer, refuse, overload, cut, hang and break their bounds, and bill what they served; half of them bill a call to
 * its end although nobody waits for it any more. What they bill is told to the oracle, and to nobody else.
 */
export class MadeUpProviders {
  readonly #time: SimulatedTime
  readonly #random: () => number
  readonly #oracle: Oracle
  readonly #moods = new Map<string, { kind: keyof typeof moods; untilMs: number }>()
  readonly #running = new Set<Job>()
  sent = 0

  constructor(time: SimulatedTime, random: () => number, oracle: Oracle) {
    this.#time = time
    this.#random = random
    this.#oracle = oracle
  }

  openFor(process: { readonly isDead: boolean }): Upstream {
    return {
      send: (call, handler) => {
        if (process.isDead) return { pause: () => {}, resume: () => {}, abort: () => {} }
        return this.#send(call, handler, process)
      },
      close: async () => {},
    }
  }

  /** The process at the other end is dead: its connections break. */
  cutAll(): void {
    for (const job of this.#running) job.abort()
  }

  #send(call: UpstreamCall, handler: UpstreamHandler, process: { readonly isDead: boolean }) {
    this.sent += 1
    const key = this.#oracle.sent()
    const job = new Job(key, this.#oracle, call.provider.endsWith('bills-on'), () => this.#running.delete(job))
    this.#running.add(job)
    const [, cap = '1', weight = '1'] = wanted.exec(call.body.toString('latin1')) ?? []
    const isStream = call.body.includes('"stream":true')
    // In whole answers only: where nobody sees how it ended, nothing tells that the bound was broken.
    const isBroken = this.#random() < boundBrokenShare && !isStream
    const usage = {
      input: Math.max(1, Math.floor(call.body.length / 4)),
      output: isBroken ? Number(cap) + 5_000 : Math.max(1, Math.min(Number(cap), Number(weight))),
    }
    // Of what nobody sees, no more can be told than the bound.
    const unseen = usage.input + Math.min(usage.output, Number(cap))
    const shares = moods[this.#moodOf(call.provider)]
    const chance = this.#random()
    const latencyMs = 50 + this.#random() * 400
    const answerMs = latencyMs + Math.min(20_000, usage.output * (2 + this.#random() * 10))
    const later = (delayMs: number, then: () => void) =>
      this.#time.after(delayMs, () => {
        if (!job.isOver && !process.isDead) then()
      })
    const failWith = (status: number, headers: Readonly<Record<string, string>> = {}) =>
      later(latencyMs, () => {
        job.end()
        handler.head(status, (name) => headers[name])
        handler.chunk(Buffer.from('{"error":{"message":"no"}}'))
        handler.end()
      })
    let share = shares.refuse
    if (chance < share)
      later(1, () => {
        job.end()
        handler.failure({ class: 'not-sent', kind: 'upstream_unavailable', message: 'connect ECONNREFUSED' })
      })
    else if (chance < (share += shares.overload)) failWith(503)
    else if (chance < (share += shares.limit)) failWith(429, { 'retry-after': '1' })
    else if (chance < (share += shares.cut)) {
      job.willBill(unseen)
      later(answerMs, () => {
        // It was served whole, and the answer was lost on the way.
        job.bill(unseen)
        job.end()
        handler.failure({ class: 'unknown', kind: 'upstream_cut', message: 'socket hang up' })
      })
    } else if (chance < share + shares.hang) job.willBill(unseen)
    else {
      if (!isBroken) job.willBill(usage.input + usage.output)
      if (isStream) this.#stream(handler, job, usage, latencyMs, answerMs, later)
      else
        later(answerMs, () => {
          // Nor where the gateway dies before it has read the answer.
          job.bill(unseen)
          job.end()
          handler.head(200, () => undefined)
          handler.chunk(wholeAnswer(usage))
          handler.end()
        })
    }
    return { pause: () => {}, resume: () => {}, abort: () => job.abort() }
  }

  #stream(
    handler: UpstreamHandler,
    job: Job,
    usage: Usage,
    latencyMs: number,
    answerMs: number,
    later: (delayMs: number, then: () => void) => void,
  ): void {
    const willCut = this.#random() < 0.01
    // Some tell with the first piece what they read, so that less can be set aside from then on.
    const tellsEarly = this.#random() < 0.5
    for (let piece = 0; piece <= pieces; piece += 1)
      later(latencyMs + ((answerMs - latencyMs) * piece) / pieces, () => {
        if (piece === 0) {
          handler.head(200, (name) => (name === 'content-type' ? 'text/event-stream' : undefined))
          job.bill(usage.input)
        }
        if (piece < pieces) {
          handler.chunk(streamPiece(piece, tellsEarly && piece === 0 ? usage : undefined))
          job.bill(usage.input + Math.floor((usage.output * (piece + 1)) / (pieces + 1)))
          if (piece !== 2 || !willCut) return
          job.abort()
          return handler.failure({ class: 'partial', kind: 'upstream_cut', message: 'socket hang up' })
        }
        job.bill(usage.input + usage.output)
        job.end()
        handler.chunk(streamEnd(usage))
        handler.end()
      })
  }

  #moodOf(provider: string): keyof typeof moods {
    const nowMs = this.#time.elapsedMs
    const mood = this.#moods.get(provider)
    if (mood && nowMs < mood.untilMs) return mood.kind
    const next = {
      kind: this.#random() < 0.2 ? ('ill' as const) : ('well' as const),
      untilMs: nowMs + this.#random() * 2 * moodMs,
    }
    this.#moods.set(provider, next)
    return next.kind
  }
}

/** One call at a provider, and what it bills for it. */
class Job {
  isOver = false
  readonly #key: string
  readonly #oracle: Oracle
  readonly #billsOn: boolean
  readonly #onOver: () => void
  #whole = 0

  constructor(key: string, oracle: Oracle, billsOn: boolean, onOver: () => void) {
    this.#key = key
    this.#oracle = oracle
    this.#billsOn = billsOn
    this.#onOver = onOver
  }

  /** What it comes to when it is served to its end. */
  willBill(tokens: number): void {
    this.#whole = tokens
  }

  bill(tokens: number): void {
    this.#oracle.billed(this.#key, tokens)
  }

  end(): void {
    if (this.isOver) return
    this.isOver = true
    this.#oracle.served(this.#key)
    this.#onOver()
  }

  /** Nobody waits for it any more. */
  abort(): void {
    if (this.isOver) return
    if (this.#billsOn && this.#whole > 0) this.bill(this.#whole)
    this.end()
  }
}

interface Usage {
  readonly input: number
  readonly output: number
}

function told({ input, output }: Usage): string {
  return `"usage":{"prompt_tokens":${input},"completion_tokens":${output},"total_tokens":${input + output}}`
}

function wholeAnswer(usage: Usage): Buffer {
  return Buffer.from(
    `{"id":"a","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],${told(usage)}}`,
  )
}

function streamPiece(piece: number, early: Usage | undefined): Buffer {
  const delta = piece === 0 ? '{"role":"assistant","content":"he"}' : '{"content":"llo"}'
  const usage = early ? `,${told({ input: early.input, output: 1 })}` : ''
  return Buffer.from(
    `data: {"id":"a","object":"chat.completion.chunk","choices":[{"index":0,"delta":${delta}}]${usage}}\n\n`,
  )
}

function streamEnd(usage: Usage): Buffer {
  return Buffer.from(
    `data: {"id":"a","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: {"id":"a","object":"chat.completion.chunk","choices":[],${told(usage)}}\n\ndata: [DONE]\n\n`,
  )
}
