import type { HeardFrame, OpenEvent, ReplyEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { contentOf, modelNameIn } from '../read-reply.ts'
import { dialectName } from './own.ts'
import { readContentBlock } from './read-content.ts'
import { readClose } from './stop-reasons.ts'
import { readUsageEvent } from './usage-words.ts'

/** The events of an answer that arrived at once. */
export function readAnswer(body: JsonObject): HeardFrame {
  const usage = readUsageEvent(body)
  const blocks = (contentOf(body) ?? []).flatMap(readContentBlock)
  const events: readonly ReplyEvent[] = [
    readOpen(body, usage !== undefined),
    ...blocks,
    ...(usage ? [usage] : []),
    readClose(body, '', []),
  ]
  return hear<HeardFrame>(
    { events, wire: body },
    { dialect: dialectName, wire: body, path: '', heard: { events: 'output' }, unheard: [] },
  )
}

/**
 * The head of an answer. What nobody knows of the answer as a whole is remembered here: what a guardrail found, what the model's
 * own API says besides. How long Bedrock took is of no use elsewhere.
 */
function readOpen(body: JsonObject, hasUsage: boolean): OpenEvent {
  const event: OpenEvent = {
    kind: 'open',
    id: undefined,
    responseModel: modelNameIn(body),
    createdAtSeconds: undefined,
  }
  const known = ['output.message.content', 'output.message.role', 'stopReason', 'metrics', '$metadata']
  const heard = {
    responseModel: 'trace.promptRouter.invokedModelId',
    '': [...known, ...(hasUsage ? ['usage', 'serviceTier'] : [])].join(' '),
  }
  return hear(event, { dialect: dialectName, wire: body, path: '', heard })
}
