import type { Principal } from '../../canonical/principal.ts'
import type { Provider } from '../../providers/provider.ts'
import type { Snapshot } from '../snapshot.ts'
import type { InnerCall } from './inner-calls.ts'
import type { NamedObject } from './own-objects.ts'

/** What is carried, as far as it was looked into. */
export interface Parcel {
  /** What the path and the body name that a provider keeps. */
  readonly named: readonly NamedObject[]
  /** Calls inside it. */
  readonly inner: readonly InnerCall[]
  /** What stands around them, in JSON objects: guardrails look at it as at any other body. Absent: nothing does. */
  readonly around?: Iterable<Buffer>
  readonly sizeBytes: number
  /** What the provider is sent, in which every model has the name it has there. */
  wordedFor(provider: Provider, principal: Principal, snapshot: Snapshot): Promise<ParcelBody>
}

/** The type of what may be anything. */
export const anyBytes = 'application/octet-stream'

export interface ParcelBody {
  readonly bytes: Buffer
  /** `undefined`: JSON. */
  readonly contentType: string | undefined
  /** Whether it is the bytes of a file, whatever its type says: Google's SDK says JSON of everything. */
  readonly isFile?: boolean
  /** Where the path names the model: the path with the name that it has there. */
  readonly path?: string
}
