import type { Admission } from './admission.ts'
import type { ClientConnections } from './client-connections.ts'
import type { DataListenerParts, ListenerPatience } from './listener-parts.ts'
import type { Running } from './running.ts'

/** What a listener knows while it listens: everything that answers a request is handed it. */
export interface Listening {
  readonly parts: DataListenerParts
  readonly patience: ListenerPatience
  readonly admission: Admission
  readonly clients: ClientConnections
  readonly running: Running
  /** `closing`: each answer closes its connection. `closed`: no further call is served either. */
  state: 'serving' | 'closing' | 'closed'
  /** Whether clients find the gateway ready: when this process is replaced, others serve on. */
  isReady: boolean
  /** That have come so far, whatever they are. */
  requests: number
}
