import type { Principal } from '../../canonical/principal.ts'
import type { Provider } from '../../providers/provider.ts'
import type { Snapshot } from '../snapshot.ts'
import type { InnerCall } from './inner-calls.ts'
import type { NamedObject } from './own-objects.ts'

/** What is carried, as far as it was looked into. */
export interface CarriedBody {
  /** What the path and the body name that a provider keeps. */
  readonly named: readonly NamedObject[]
  /** Calls inside it. */
  readonly inner: readonly InnerCall[]
  /** What stands around them, in JSON objects: guardrails look at it as at any other body. Absent: nothing does. */
  readonly around?: Iterable<Buffer>
  readonly sizeBytes: number
  /** What the provider is sent, in which every model has the name it has there. */
  wordedFor(provider: Provider, principal: Principal, snapshot: Snapshot): Promise<WordedBody>
}

export interface WordedBody {
  readonly bytes: Buffer
  /** `undefined`: JSON. */
  readonly contentType: string | undefined
  /** What guardrails look at in its place: nobody need look at calls again, nor believe the type of a file. Absent: it. */
  readonly judged?: Pick<WordedBody, 'bytes' | 'contentType'>
  /** Where the path names the model: the path with the name that it has there. */
  readonly path?: string
}

/** One that is sent as it came, and holds no calls. */
export function plainBody(named: readonly NamedObject[], bytes: Buffer): CarriedBody {
  return { named, inner: [], sizeBytes: bytes.length, wordedFor: async () => ({ bytes, contentType: undefined }) }
}
