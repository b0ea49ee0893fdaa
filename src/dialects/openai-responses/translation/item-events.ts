import type { Delta } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { AnswerItem } from './answer-item.ts'

/** One event of a stream before it has its number. */
export type SaidEvent = JsonObject & { readonly type: string }

/** The life of one item in a stream: its events, in their order. Source: OpenAI API description 2.3.0, and the recordings. */

export function openEvents(item: AnswerItem, place: number): readonly SaidEvent[] {
  const opened: SaidEvent = { type: 'response.output_item.added', output_index: place, item: item.opening() }
  switch (lifeOf(item)) {
    case 'message': {
      const isRefusal = item.start.content.kind === 'refusal'
      const part = isRefusal
        ? { type: 'refusal', refusal: '' }
        : { type: 'output_text', annotations: [], logprobs: [], text: '' }
      return [opened, { type: 'response.content_part.added', ...inContent(item, place), part }]
    }
    case 'thought':
    case 'call':
    case 'bare':
      return [opened]
  }
}

/** @param delta has been added to the item. */
export function pieceEvents(item: AnswerItem, place: number, delta: Delta): readonly SaidEvent[] {
  const isRefusal = item.start.content.kind === 'refusal'
  switch (delta.kind) {
    case 'arguments':
      if (delta.text === '') return []
      return [{ type: 'response.function_call_arguments.delta', ...inItem(item, place), delta: delta.text }]
    case 'text':
      if (delta.text === '') return []
      if (lifeOf(item) === 'thought') return thoughtPiece(item, place, delta.text)
      return isRefusal
        ? [{ type: 'response.refusal.delta', ...inContent(item, place), delta: delta.text }]
        : [{ type: 'response.output_text.delta', ...inContent(item, place), delta: delta.text, logprobs: [] }]
    case 'logprobs': {
      const logprobs = Array.isArray(delta.logprobs) ? delta.logprobs : []
      return [{ type: 'response.output_text.delta', ...inContent(item, place), delta: '', logprobs }]
    }
    case 'citation':
      return [
        {
          type: 'response.output_text.annotation.added',
          ...inContent(item, place),
          annotation_index: item.annotations.length - 1,
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

export function doneEvents(item: AnswerItem, place: number): readonly SaidEvent[] {
  return [...endings(item, place), { type: 'response.output_item.done', output_index: place, item: item.whole() }]
}

function endings(item: AnswerItem, place: number): readonly SaidEvent[] {
  switch (lifeOf(item)) {
    case 'message': {
      const part = item.part()
      const told: SaidEvent =
        item.start.content.kind === 'refusal'
          ? { type: 'response.refusal.done', ...inContent(item, place), refusal: item.text }
          : { type: 'response.output_text.done', ...inContent(item, place), text: item.text, logprobs: item.odds }
      return [told, { type: 'response.content_part.done', ...inContent(item, place), part }]
    }
    case 'thought': {
      if (item.text === '') return []
      const summary = { ...inItem(item, place), summary_index: 0 }
      return [
        { type: 'response.reasoning_summary_text.done', ...summary, text: item.text },
        { type: 'response.reasoning_summary_part.done', ...summary, part: { type: 'summary_text', text: item.text } },
      ]
    }
    case 'call': {
      const { content } = item.start
      const name = content.kind === 'tool-use' ? content.name : ''
      const whole = { ...inItem(item, place), name, arguments: item.argumentsText }
      return [{ type: 'response.function_call_arguments.done', ...whole }]
    }
    case 'bare':
      return []
  }
}

/** Its first text opens the one part of the summary. */
function thoughtPiece(item: AnswerItem, place: number, text: string): readonly SaidEvent[] {
  const summary = { ...inItem(item, place), summary_index: 0 }
  const piece: SaidEvent = { type: 'response.reasoning_summary_text.delta', ...summary, delta: text }
  if (item.text !== text) return [piece]
  const part = { type: 'summary_text', text: '' }
  return [{ type: 'response.reasoning_summary_part.added', ...summary, part }, piece]
}

function lifeOf({ start }: AnswerItem): 'message' | 'thought' | 'call' | 'bare' {
  switch (start.content.kind) {
    case 'text':
    case 'refusal':
    case 'audio':
      return 'message'
    case 'thought':
      return 'thought'
    case 'tool-use':
      return 'call'
    case 'redacted-thought':
    case 'image':
    case 'opaque':
      return 'bare'
  }
}

function inItem({ id }: AnswerItem, place: number): JsonObject {
  return { item_id: id, output_index: place }
}

function inContent(item: AnswerItem, place: number): JsonObject {
  return { ...inItem(item, place), content_index: 0 }
}
