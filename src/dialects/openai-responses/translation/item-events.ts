import type { Delta } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { AnswerBlock } from './answer-block.ts'
import type { AnswerItem } from './answer-item.ts'
import type { PlacedBlock } from './answer-output.ts'

/** One event of a stream before it has its number. */
export type SaidEvent = JsonObject & { readonly type: string }

/** The life of one item in a stream: its events, in their order. Source: OpenAI API description 2.3.0, and the recordings. */

export function itemAdded(item: AnswerItem): SaidEvent {
  return { type: 'response.output_item.added', output_index: item.place, item: item.opening() }
}

/** A block that is an item by itself opens with it. */
export function openEvents(placed: PlacedBlock): readonly SaidEvent[] {
  const { block } = placed
  return block.isPart ? [{ type: 'response.content_part.added', ...inContent(placed), part: block.opening() }] : []
}

/** @param delta has been added to the block. */
export function pieceEvents(placed: PlacedBlock, delta: Delta): readonly SaidEvent[] {
  const { block } = placed
  switch (delta.kind) {
    case 'arguments':
      if (delta.text === '') return []
      return [
        {
          type: block.isCustomCall ? 'response.custom_tool_call_input.delta' : 'response.function_call_arguments.delta',
          ...inItem(placed),
          delta: delta.text,
        },
      ]
    case 'text':
      if (delta.text === '') return []
      if (lifeOf(block) === 'thought') return thoughtPiece(placed, delta.text)
      return lifeOf(block) === 'refusal'
        ? [{ type: 'response.refusal.delta', ...inContent(placed), delta: delta.text }]
        : [{ type: 'response.output_text.delta', ...inContent(placed), delta: delta.text, logprobs: [] }]
    case 'logprobs': {
      const logprobs = Array.isArray(delta.logprobs) ? delta.logprobs : []
      return [{ type: 'response.output_text.delta', ...inContent(placed), delta: '', logprobs }]
    }
    case 'citation':
      return [
        {
          type: 'response.output_text.annotation.added',
          ...inContent(placed),
          annotation_index: block.annotations.length - 1,
          annotation: delta.citation,
        },
      ]
    // A signature is told by the item that ends.
    case 'signature':
    case 'audio':
    case 'opaque':
      return []
  }
}

export function endEvents(placed: PlacedBlock): readonly SaidEvent[] {
  const { block } = placed
  const told = toldWhole(placed)
  return block.isPart
    ? [...told, { type: 'response.content_part.done', ...inContent(placed), part: block.whole('completed') }]
    : told
}

export function itemDone(item: AnswerItem): SaidEvent {
  return { type: 'response.output_item.done', output_index: item.place, item: item.whole() }
}

/** What came in pieces, once more. */
function toldWhole(placed: PlacedBlock): readonly SaidEvent[] {
  const { block } = placed
  const { text } = block
  switch (lifeOf(block)) {
    case 'text':
      return [{ type: 'response.output_text.done', ...inContent(placed), text, logprobs: block.odds }]
    case 'refusal':
      return [{ type: 'response.refusal.done', ...inContent(placed), refusal: text }]
    case 'thought': {
      if (text === '' && placed.item.told?.hasSummary !== true) return []
      const summary = inSummary(placed)
      const part = { type: 'summary_text', text: block.summary.at(-1) ?? '' }
      return [
        { type: 'response.reasoning_summary_text.done', ...summary, text: part.text },
        { type: 'response.reasoning_summary_part.done', ...summary, part },
      ]
    }
    case 'call': {
      const { content } = block.start
      const name = content.kind === 'tool-use' ? content.name : ''
      const whole = { ...inItem(placed), name, arguments: block.argumentsText }
      return [{ type: 'response.function_call_arguments.done', ...whole }]
    }
    case 'custom-call':
      return [{ type: 'response.custom_tool_call_input.done', ...inItem(placed), input: text }]
    case 'bare':
      return []
  }
}

/** Its first text opens the one part of the summary, where none was opened word for word. */
function thoughtPiece(placed: PlacedBlock, text: string): readonly SaidEvent[] {
  const summary = inSummary(placed)
  // What stands before a part in the text is not in the part.
  const delta = text.slice(Math.max(0, text.length - (placed.block.summary.at(-1) ?? '').length))
  if (delta === '') return []
  const piece: SaidEvent = { type: 'response.reasoning_summary_text.delta', ...summary, delta }
  if (placed.block.text !== text || placed.item.told?.hasSummary === true) return [piece]
  const part = { type: 'summary_text', text: '' }
  return [{ type: 'response.reasoning_summary_part.added', ...summary, part }, piece]
}

function lifeOf({
  start,
  isCustomCall,
}: AnswerBlock): 'text' | 'refusal' | 'thought' | 'call' | 'custom-call' | 'bare' {
  switch (start.content.kind) {
    case 'text':
    case 'audio':
      return 'text'
    case 'refusal':
    case 'thought':
      return start.content.kind
    case 'tool-use':
      return isCustomCall ? 'custom-call' : 'call'
    case 'redacted-thought':
    case 'image':
    case 'opaque':
      return 'bare'
  }
}

function inItem({ item }: PlacedBlock): JsonObject {
  return { item_id: item.id, output_index: item.place }
}

/** In the last part of a thought's summary. */
function inSummary(placed: PlacedBlock): JsonObject {
  return { ...inItem(placed), summary_index: placed.block.summary.length - 1 }
}

function inContent(placed: PlacedBlock): JsonObject {
  return { ...inItem(placed), content_index: placed.contentIndex }
}
