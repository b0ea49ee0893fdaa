import type { HeardFrame, OpenEvent, ReplyEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import { updateCounts } from '../read-usage.ts'
import { HeardBlock } from './heard-block.ts'
import { dialectName } from './own.ts'
import { readClose } from './stop-reasons.ts'
import { readUsageEvent } from './usage-words.ts'

/** The events of a message that arrived at once. */
export function readAnswer(body: JsonObject): HeardFrame {
  const content = isJsonArray(body['content']) ? body['content'] : []
  const blocks = content.flatMap((wire, index): readonly ReplyEvent[] => {
    const block = new HeardBlock(wire, index, `content[${index}]`)
    return [...block.start(), ...block.end()]
  })
  const events: readonly ReplyEvent[] = [
    readOpen(body, ''),
    ...blocks,
    ...(usageIn(body) ?? []),
    readClose(body, '', []) ?? noClose,
  ]
  return hear<HeardFrame>(
    { events, wire: body },
    { dialect: dialectName, wire: body, path: '', heard: { events: 'content' } },
  )
}

/** The head of a message. What nobody knows of the message as a whole is remembered here. */
export function readOpen(message: JsonObject, path: string): OpenEvent {
  const { id, model } = message
  const event: OpenEvent = {
    kind: 'open',
    id: typeof id === 'string' ? id : undefined,
    responseModel: typeof model === 'string' && model !== '' ? model : undefined,
    createdAtSeconds: undefined,
  }
  const heard = { id: 'id', responseModel: 'model', '': 'type role content stop_reason stop_sequence usage' }
  return hear(event, { dialect: dialectName, wire: message, path, heard })
}

/** A message that does not say why it ended has ended all the same. */
export const noClose: ReplyEvent = Object.freeze({
  kind: 'close',
  choice: 0,
  reason: 'end',
  nativeReason: undefined,
  stopSequence: undefined,
})

function usageIn(body: JsonObject): readonly ReplyEvent[] | undefined {
  const { usage } = body
  const counts = isJsonObject(usage) ? updateCounts({}, usage) : undefined
  if (!counts || !isJsonObject(usage)) return undefined
  const tier = usage['service_tier']
  const event = readUsageEvent(counts, usage, typeof tier === 'string' ? tier : undefined)
  return event && [event]
}
