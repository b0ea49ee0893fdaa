import type { Clock } from '../canonical/clock.ts'
import { GatewayError } from '../canonical/error.ts'
import { PassingMap } from '../canonical/passing.ts'
import { errorOf, problemOf } from '../stores/embedded/problem.ts'
import type { Problem } from '../stores/embedded/database-calls.ts'

/** Asks that may wait for their answer at once. More callers than this at one worker are overload. */
export const maxPendingAsks = 10_000
/** Messages that may wait for the other process to read. It reads thousands in a millisecond, so beyond this it is stuck. */
export const maxUnsentMessages = 100_000
/** How long an answer may take, unless the ask says otherwise. */
export const answerMs = 5_000

/** What one side answers: takes and gives of each verb. All of it is plain data. */
export type Verbs = Readonly<Record<string, { readonly takes: unknown; readonly gives: unknown }>>
/** What one side tells without being asked. */
export type Notes = Readonly<Record<string, unknown>>

/** What one process may ask and tell another one. */
export interface Link<Asks extends Verbs, Tells extends Notes> {
  /**
   * @param limitMs how long the answer may take.
   * @throws GatewayError what the other side threw; `store_unavailable` at the deadline and once the other side is gone;
   *   `overloaded` when too many asks wait. An ask given up at its deadline may still take effect.
   */
  ask<Verb extends keyof Asks & string>(
    verb: Verb,
    takes: Asks[Verb]['takes'],
    limitMs?: number,
  ): Promise<Asks[Verb]['gives']>
  tell<Name extends keyof Tells & string>(name: Name, note: Tells[Name]): void
  /** What the other side sent. */
  receive(batch: unknown): void
  /** The other process is gone: everything that waits for it is refused. */
  close(reason: string): void
  /** Resolves when everything handed over so far has left. */
  flushed(): Promise<void>
}

export interface LinkParts<Answers extends Verbs, Hears extends Notes> {
  readonly clock: Clock
  /** Sends a batch to the other process; `then` is called when the operating system has it. */
  readonly send: (batch: readonly LinkMessage[], then: () => void) => void
  readonly answers: { readonly [Verb in keyof Answers]: Answer<Answers[Verb]> }
  readonly hears: { readonly [Name in keyof Hears]: (note: Hears[Name]) => void }
  readonly onBug: (error: unknown) => void
  /** The other process does not read: nothing more can be told to it, so it is as good as dead. */
  readonly onStuck: () => void
}

type Answer<Verb extends Verbs[string]> = (takes: Verb['takes']) => Verb['gives'] | Promise<Verb['gives']>

export type LinkMessage =
  | { readonly kind: 'ask'; readonly id: number; readonly verb: string; readonly takes: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly verb: string; readonly value: unknown }
  | { readonly kind: 'refusal'; readonly id: number; readonly problem: Problem }
  | { readonly kind: 'tell'; readonly name: string; readonly note: unknown }

/**
 * Opens one end of a link between two processes. Everything said in one turn of the event loop travels as one message, and
 * while one is on its way the next waits and grows: a hundred calls of a turn cost one system call.
 */
export function openLink<Asks extends Verbs, Tells extends Notes, Answers extends Verbs, Hears extends Notes>(
  parts: LinkParts<Answers, Hears>,
): Link<Asks, Tells> {
  const { clock, answers, hears, onBug } = parts
  const pending = new PassingMap<number, Pending>()
  let lastId = 0
  let unsent: LinkMessage[] = []
  let isTurnArmed = false
  let isSending = false
  let death: GatewayError | undefined
  let onFlushed: (() => void)[] = []

  const post = (message: LinkMessage): void => {
    if (death !== undefined) return
    unsent.push(message)
    if (unsent.length > maxUnsentMessages) {
      close('does not read what it is told')
      return parts.onStuck()
    }
    if (!isSending) armTurn()
  }
  const armTurn = (): void => {
    if (isTurnArmed) return
    isTurnArmed = true
    setImmediate(sendTurn)
  }
  const sendTurn = (): void => {
    isTurnArmed = false
    if (unsent.length === 0 || death !== undefined) return
    const batch = unsent
    unsent = []
    isSending = true
    parts.send(batch, () => {
      isSending = false
      if (unsent.length > 0) armTurn()
      else for (const then of onFlushed.splice(0)) then()
    })
  }
  const take = (id: number): Pending | undefined => {
    const waiting = pending.get(id)
    pending.delete(id)
    waiting?.cancelDeadline()
    return waiting
  }
  const answer = async (id: number, verb: string, takes: unknown): Promise<void> => {
    try {
      const find = answers[verb]
      if (find === undefined) throw new Error(`there is no answer to ${verb}`)
      post({ kind: 'answer', id, verb, value: await find(takes) })
    } catch (thrown) {
      const problem = problemOf(thrown)
      if (problem.kind === 'internal') onBug(thrown)
      post({ kind: 'refusal', id, problem })
    }
  }
  const receive = (message: LinkMessage): void => {
    switch (message.kind) {
      case 'ask':
        return void answer(message.id, message.verb, message.takes)
      case 'answer':
        return take(message.id)?.resolve(message.value)
      case 'refusal':
        return take(message.id)?.reject(errorOf(message.problem))
      case 'tell':
        return hears[message.name]?.(message.note as Hears[string])
    }
  }
  const close = (reason: string): void => {
    death ??= new GatewayError('store_unavailable', `the other process of this gateway ${reason}`)
    unsent = []
    for (const [id] of pending) take(id)?.reject(death)
    for (const then of onFlushed.splice(0)) then()
  }

  return {
    ask(verb, takes, limitMs = answerMs) {
      if (death !== undefined) return Promise.reject(death)
      if (pending.size >= maxPendingAsks)
        return Promise.reject(new GatewayError('overloaded', `${maxPendingAsks} calls wait already`))
      lastId += 1
      const id = lastId
      const { promise, resolve, reject } = Promise.withResolvers<unknown>()
      const deadline = clock.after(limitMs, () => {
        const problem = `the other process of this gateway did not answer ${verb} in ${limitMs} ms`
        take(id)?.reject(new GatewayError('store_unavailable', problem))
      })
      pending.set(id, { resolve, reject, cancelDeadline: () => deadline.cancel() })
      post({ kind: 'ask', id, verb, takes })
      // The answer to an ask of one verb is of that verb; only its way between the processes forgets it.
      return promise as Promise<Asks[typeof verb]['gives']>
    },
    tell: (name, note) => post({ kind: 'tell', name, note }),
    receive(batch) {
      for (const message of batch as readonly LinkMessage[]) receive(message)
    },
    close,
    flushed: () =>
      death !== undefined || (unsent.length === 0 && !isSending)
        ? Promise.resolve()
        : new Promise((resolve) => void onFlushed.push(resolve)),
  }
}

interface Pending {
  readonly resolve: (value: unknown) => void
  readonly reject: (failure: GatewayError) => void
  readonly cancelDeadline: () => void
}
