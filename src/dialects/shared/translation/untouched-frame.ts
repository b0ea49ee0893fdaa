import type { HeardFrame } from '../../../canonical/event.ts'
import type { Json } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { rewrite } from '../../../canonical/origin.ts'
import { isEventName, writeSse } from '../../../wire/sse-write.ts'

export interface UntouchedFrame {
  readonly event: string | undefined
  readonly data: Json
  /** As it came. */
  readonly text: string
}

/** A frame of this dialect that nobody touched; `undefined` for any other, which must be written anew. */
export function untouchedFrame(frame: HeardFrame, dialectName: string): UntouchedFrame | undefined {
  const wire = rewrite<HeardFrame>(
    frame,
    dialectName,
    () => null,
    () => null,
  )
  if (!isJsonObject(wire)) return undefined
  const { event, data = null, isText } = wire
  const name = typeof event === 'string' && isEventName(event) ? event : undefined
  const text = isText === true && typeof data === 'string' ? data : JSON.stringify(data)
  return { event: name, data, text: writeSse(name, text) }
}
