/**
 * What happens to the bytes that travel in one direction, step by step; what no step speaks of passes as it is. Bytes are
 * counted from the begin of a call on its connection (`proxy.ts`).
 */
export type Step =
  | { readonly kind: 'pass'; readonly bytes: number }
  /** All bytes up to and with the first place where these words stand. */
  | { readonly kind: 'pass-through'; readonly words: string }
  /** Bytes that nobody sent, in place of so many that somebody did. `insteadOf: 0` only adds. */
  | { readonly kind: 'put'; readonly bytes: Buffer; readonly insteadOf: number }
  /** The next bytes come with every bit turned over. */
  | { readonly kind: 'corrupt'; readonly bytes: number }
  /** Nothing passes for so long. */
  | { readonly kind: 'wait'; readonly delayMs: number }
  /** Nothing passes until this has come about: what was let through before may have to be read first, since a reset overtakes it. */
  | { readonly kind: 'hold'; readonly until: Promise<unknown> }
  /** From here on so many bytes at a time, with a wait before each. */
  | { readonly kind: 'drip'; readonly bytes: number; readonly everyMs: number }
  | { readonly kind: 'end'; readonly how: HowEnded }

/**
 * - `reset`: both connections break with a TCP reset.
 * - `fin`: the reader is told an orderly end; the writer is cut off.
 * - `silence`: the connections stay open, and nothing passes in this direction any more, not even an end.
 */
export type HowEnded = 'reset' | 'fin' | 'silence'

/** What a proxy has to do next. */
export type Act =
  | { readonly kind: 'write'; readonly bytes: Buffer }
  | { readonly kind: 'wait'; readonly delayMs: number }
  | { readonly kind: 'hold'; readonly until: Promise<unknown> }
  | { readonly kind: 'end'; readonly how: HowEnded }
  /** The last step is over; what comes now passes. */
  | { readonly kind: 'done' }

/** A script under way. Pure: it knows bytes, and neither sockets nor time. */
export class Flow {
  readonly #steps: readonly Step[]
  #place = 0
  /** Bytes that the running step has had. */
  #had = 0
  /** The last bytes that passed in a `pass-through`: the words may lie over two chunks. */
  #tail = ''
  #isDone = false

  constructor(steps: readonly Step[]) {
    this.#steps = steps
  }

  /** Steps that need no more bytes run right behind the byte before them; the first ones with the first byte. */
  *feed(chunk: Buffer): Generator<Act> {
    let rest = chunk
    for (;;) {
      const step = this.#steps[this.#place]
      if (!step) break
      const acts = this.#take(step, rest)
      if (!acts) return
      rest = acts.rest
      yield* acts.acts
      if (!acts.isOver) return
      this.#place += 1
      this.#had = 0
      this.#tail = ''
    }
    if (!this.#isDone) yield { kind: 'done' }
    this.#isDone = true
    if (rest.length > 0) yield { kind: 'write', bytes: rest }
  }

  /** @returns `undefined` while the step waits for bytes and there are none. */
  #take(step: Step, bytes: Buffer): Taken | undefined {
    switch (step.kind) {
      case 'pass':
        return this.#count(step.bytes, bytes, (some) => some)
      case 'corrupt':
        return this.#count(step.bytes, bytes, (some) => Buffer.from(some.map((byte) => byte ^ 0xff)))
      case 'put': {
        const begin: readonly Act[] = this.#had === 0 ? write(step.bytes) : []
        const taken = this.#count(step.insteadOf, bytes, () => Buffer.alloc(0))
        return taken && { ...taken, acts: [...begin, ...taken.acts] }
      }
      case 'pass-through': {
        if (bytes.length === 0) return undefined
        const text = this.#tail + bytes.toString('latin1')
        const at = text.indexOf(step.words)
        const end = at < 0 ? bytes.length : at + step.words.length - this.#tail.length
        this.#tail = text.slice(-(step.words.length - 1) || text.length)
        return { acts: write(bytes.subarray(0, end)), rest: bytes.subarray(end), isOver: at >= 0 }
      }
      case 'wait':
      case 'hold':
        return { acts: [step], rest: bytes, isOver: true }
      case 'drip': {
        const acts: Act[] = []
        for (let rest = bytes; rest.length > 0;) {
          const had = this.#had % step.bytes
          const drop = rest.subarray(0, step.bytes - had)
          if (had === 0) acts.push({ kind: 'wait', delayMs: step.everyMs })
          acts.push(...write(drop))
          this.#had += drop.length
          rest = rest.subarray(drop.length)
        }
        return { acts, rest: Buffer.alloc(0), isOver: false }
      }
      case 'end':
        return { acts: [step], rest: Buffer.alloc(0), isOver: true }
    }
  }

  #count(wanted: number, bytes: Buffer, change: (some: Buffer) => Buffer): Taken | undefined {
    if (this.#had < wanted && bytes.length === 0) return undefined
    const some = bytes.subarray(0, wanted - this.#had)
    this.#had += some.length
    return { acts: write(change(some)), rest: bytes.subarray(some.length), isOver: this.#had >= wanted }
  }
}

interface Taken {
  readonly acts: readonly Act[]
  readonly rest: Buffer
  readonly isOver: boolean
}

function write(bytes: Buffer): readonly Act[] {
  return bytes.length > 0 ? [{ kind: 'write', bytes }] : []
}
