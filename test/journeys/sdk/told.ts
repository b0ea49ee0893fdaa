import type { SdkCase } from './cases.ts'

/** What an SDK gives to the program that uses it. All of it is plain JSON. */
export interface Told {
  /** Unary: the one parsed answer. Stream: each chunk, event or part, in order. */
  readonly pieces: readonly unknown[]
  /** What the SDK itself puts together in the end; `undefined` when it ended with a problem. */
  readonly whole: unknown
  readonly problem: ToldProblem | undefined
  /** The id that the SDK would show for support. */
  readonly requestId: string | undefined
}

export interface ToldProblem {
  /** The SDK's class. */
  readonly name: string
  /** `false`: the SDK's own objection to an answer that came well. */
  readonly isOfProvider: boolean
  /** `undefined`: told inside a stream. */
  readonly status: number | undefined
  /** Without the status, which some SDKs put in front. */
  readonly message: string
  readonly code: unknown
  readonly type: unknown
  readonly param: unknown
}

/** One SDK at one address. */
export interface Driver {
  /** `false`: it has no place where a program would find the request's id. */
  readonly tellsRequestIds?: false
  ask(one: SdkCase): Promise<Told>
  /** What the SDK puts together of these pieces. */
  wholeOf(one: SdkCase, pieces: readonly unknown[]): Promise<unknown>
  /** The class this SDK gives a failure with this status. */
  className(status: number | undefined): string
}

/** As JSON has it: no classes, no `undefined`, no shared objects that change later. */
export function plain(value: unknown): unknown {
  const text = JSON.stringify(value, (_key, inner: unknown) =>
    inner instanceof Error ? { name: inner.name, message: inner.message } : inner,
  )
  return text === undefined ? undefined : JSON.parse(text)
}

export function withoutStatus(message: string, status: number | undefined): string {
  return status !== undefined && message.startsWith(`${status} `) ? message.slice(String(status).length + 1) : message
}

export function member(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((found, key) => (isRecord(found) ? found[key] : undefined), value)
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
