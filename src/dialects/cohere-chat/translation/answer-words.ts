import type { BlockOpening, BlockStart, Delta } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isOwn, ownPathOf } from './own.ts'
import { planPath } from './read-opening.ts'

/** Where a block of an answer stands in Cohere's: among the parts, as the plan, among the calls. */
export type Kept = { readonly in: 'content' | 'calls'; readonly words: JsonObject } | { readonly in: 'plan' }

/** A block before anything is in it, or why it cannot be said. */
export function openingWords(start: BlockStart, requestId: string): Kept | string {
  const { content } = start
  switch (content.kind) {
    case 'text':
      if (ownPathOf(start) === planPath) return { in: 'plan' }
      return { in: 'content', words: { type: 'text', text: '' } }
    case 'refusal':
    case 'audio':
      return { in: 'content', words: { type: 'text', text: '' } }
    case 'thought':
      return { in: 'content', words: { type: 'thinking', thinking: '' } }
    case 'redacted-thought':
      return 'this dialect has no ciphered thoughts'
    case 'tool-use': {
      // Some providers leave ids out; a client needs one to hand a result back.
      const id = content.id === '' ? `${content.name}_${requestId}_${start.block}` : content.id
      return { in: 'calls', words: { id, type: 'function', function: { name: content.name, arguments: '' } } }
    }
    case 'image':
      return 'this dialect has no images in answers'
    case 'opaque':
      if (!isOwn(start)) return `only its own dialect has a word for ${content.type}`
      return { in: ownPathOf(start).includes('.tool_calls[') ? 'calls' : 'content', words: content.wire }
  }
}

/** Told as what it is nearly: why that is not exact. */
export function approximationOf(content: BlockOpening): string | undefined {
  if (content.kind === 'refusal') return 'a refusal is told as text'
  if (content.kind === 'tool-use' && content.signature !== undefined)
    return 'without its signature, which has no place here'
  return content.kind === 'audio' ? 'only the transcript of the speech is told' : undefined
}

/** Why a delta cannot be said; `undefined` for one that can. */
export function obstacleTo(delta: Delta, isOwnWording: boolean): string | undefined {
  switch (delta.kind) {
    case 'text':
    case 'arguments':
      return undefined
    case 'citation':
      return isOwnWording ? undefined : 'a citation in the wording of another dialect'
    case 'logprobs':
      return isOwnWording ? undefined : 'log probabilities in the wording of another dialect'
    case 'signature':
      return 'this dialect signs nothing'
    case 'audio':
      return 'this dialect has no sound'
    case 'opaque':
      return 'only its own dialect has a word for it'
  }
}
