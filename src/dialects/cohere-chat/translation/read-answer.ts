import type { HeardFrame, OpenEvent, ReplyEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { listIn } from '../../shared/call-fields.ts'
import { BlockTeller } from './block-teller.ts'
import { readClose } from './finish-reasons.ts'
import { dialectName } from './own.ts'
import { openCall, openContent, planPath } from './read-opening.ts'
import { readUsageEvent } from './usage-words.ts'

/** The events of an answer that arrived at once: what was said, the plan that led to the calls, the calls. */
export function readAnswer(body: JsonObject): HeardFrame {
  const message = isJsonObject(body['message']) ? body['message'] : {}
  const usage = readUsageEvent(body['usage'])
  const events: readonly ReplyEvent[] = [
    readOpen(body, ''),
    ...blocksOf(message, body),
    ...(usage ? [usage] : []),
    readClose(body, '') ?? noClose,
  ]
  return hear<HeardFrame>(
    { events, wire: body },
    { dialect: dialectName, wire: body, path: '', heard: { events: 'message' } },
  )
}

/** The head of an answer. What nobody knows of the answer as a whole is remembered here. */
export function readOpen(head: JsonObject, path: string): OpenEvent {
  const { id } = head
  const event: OpenEvent = {
    kind: 'open',
    id: typeof id === 'string' ? id : undefined,
    responseModel: undefined,
    createdAtSeconds: undefined,
  }
  return hear(event, { dialect: dialectName, wire: head, path, heard: { id: 'id', '': headKeys } })
}

const headOfBody = 'message.role message.content message.tool_plan message.tool_calls message.citations'
const headOfStream =
  'type delta.message.role delta.message.content delta.message.tool_plan delta.message.tool_calls delta.message.citations'
const headKeys = `${headOfBody} finish_reason usage logprobs ${headOfStream}`

/** An answer that does not say why it ended has ended all the same. */
export const noClose: ReplyEvent = Object.freeze({
  kind: 'close',
  choice: 0,
  reason: 'end',
  nativeReason: undefined,
  stopSequence: undefined,
})

function blocksOf(message: JsonObject, body: JsonObject): readonly ReplyEvent[] {
  const blocks = new BlockTeller()
  const { content, tool_plan: plan } = message
  const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : listIn(message, 'content')
  const citations = new Citations(listIn(message, 'citations'))
  const odds = listIn(body, 'logprobs')
  const hasText = parts.some((part) => isJsonObject(part) && part['type'] === 'text')
  let isOddsTold = false
  for (const [index, part] of parts.entries()) {
    openContent(blocks, part, `message.content[${index}]`)
    citations.tell(blocks, index)
    if (isOddsTold || (hasText && blocks.kind !== 'text')) continue
    isOddsTold = true
    for (const [place, one] of odds.entries())
      blocks.delta({ kind: 'logprobs', logprobs: one }, { wire: one, path: `logprobs[${place}]` })
  }
  if (typeof plan === 'string' && plan !== '') {
    blocks.open({ kind: 'text' }, { wire: plan, path: planPath })
    blocks.text('text', plan)
    citations.tell(blocks, 'plan')
  }
  citations.tellRest(blocks)
  for (const [index, call] of listIn(message, 'tool_calls').entries())
    openCall(blocks, call, `message.tool_calls[${index}]`)
  blocks.end()
  return blocks.take()
}

/** Each citation with the block that it points into: the first of its kind, unless it names another. */
class Citations {
  readonly #waiting: { readonly citation: Json; readonly path: string }[]

  constructor(citations: readonly Json[]) {
    this.#waiting = citations.map((citation, index) => ({ citation, path: `message.citations[${index}]` }))
  }

  /** What points into nothing that is there. */
  tellRest(blocks: BlockTeller): void {
    for (const { citation, path } of this.#waiting.splice(0))
      if (blocks.kind !== undefined) blocks.delta({ kind: 'citation', citation }, { wire: citation, path })
  }

  /** @param place the number of a part, or the plan. */
  tell(blocks: BlockTeller, place: number | 'plan'): void {
    for (const one of this.#waiting.splice(0)) {
      if (isOf(one.citation, blocks, place))
        blocks.delta({ kind: 'citation', citation: one.citation }, { wire: one.citation, path: one.path })
      else this.#waiting.push(one)
    }
  }
}

function isOf(citation: Json, { kind }: BlockTeller, place: number | 'plan'): boolean {
  const { type, content_index: index } = isJsonObject(citation) ? citation : {}
  if (place === 'plan') return type === 'PLAN'
  if (type === 'PLAN') return false
  if (typeof index === 'number') return index === place
  return kind === (type === 'THINKING_CONTENT' ? 'thought' : 'text')
}
