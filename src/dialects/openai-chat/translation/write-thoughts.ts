import type { Block, ThoughtBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { put, type Draft } from '../../shared/translation/put.ts'
import { textOfThoughts } from './read-thoughts.ts'
import { dialectName, isOwn, keyFor } from './own.ts'
import { accountFor, type Pen } from './write-parts.ts'

/**
 * Thoughts of a turn, put beside its content. Those of an own turn go to the members they came in. A foreign one goes where
 * the target takes thoughts back, if anywhere: OpenAI has no word for them, strict providers refuse a call for an unknown
 * one, and a signature is of use only to the model that signed. Elsewhere it is a loss.
 * @param wire the own turn as it came.
 */
export function putThoughts(draft: Draft, thoughts: readonly Block[], wire: JsonObject | undefined, pen: Pen): void {
  if (wire) putOwn(draft, thoughts, wire)
  const foreign = thoughts.filter((block) => block.kind === 'thought' && !isOwn(block))
  if (foreign.length > 0)
    putForeign(
      draft,
      foreign.filter((block) => block.kind === 'thought'),
      pen,
    )
}

/** Thoughts as parts of the content, for a target that has them there (Mistral). */
export function thoughtsAsParts(thoughts: readonly Block[], pen: Pen): readonly JsonObject[] {
  if (!asksForParts(pen)) return []
  return thoughts.flatMap((block) => {
    if (block.kind !== 'thought' || isOwn(block)) return []
    if (block.redactedData !== undefined) {
      pen.losses.whole(block, lostWhy)
      return []
    }
    accountFor(block, ['text'], pen)
    return [{ type: 'thinking', thinking: [{ type: 'text', text: block.text }] }]
  })
}

export function asksForParts({ words }: Pen): boolean {
  return words.has('thinking') && !listWords.some((word) => words.has(word))
}

const listWords = ['reasoning_details', 'reasoning_content', 'reasoning'] as const

const lostWhy = 'thoughts go back only to the model that had them'

function putOwn(draft: Draft, thoughts: readonly Block[], wire: JsonObject): void {
  const own = thoughts.filter((block) => isOwn(block))
  for (const key of ['reasoning_content', 'reasoning']) {
    // A copy of the list's text is changed with it: a masked thought must not stay readable beside its mask.
    if (typeof wire[key] === 'string') draft[key] = textOfThoughts(own)
  }
  const signature = own.flatMap((block) => (block.kind === 'thought' ? (block.signature ?? []) : []))[0]
  if (typeof wire['reasoning_signature'] === 'string') put(draft, 'reasoning_signature', signature)
  for (const key of ['reasoning_details', 'thinking_blocks'])
    if (Array.isArray(wire[key]))
      draft[key] = own.filter((block) => memberOf(block) === key).flatMap((block) => ownEntries(block, key))
}

/** The entries that a thought was read from, or one that says what it has become. */
function ownEntries(block: Block, list: string): readonly Json[] {
  const written = rewrite<Block>(block, dialectName, (one) =>
    one.kind === 'thought' ? (list === 'thinking_blocks' ? thinkingBlock(one) : detailOf(one)) : null,
  )
  return Array.isArray(written) ? written : [written]
}

function putForeign(draft: Draft, thoughts: readonly ThoughtBlock[], pen: Pen): void {
  const { words, losses } = pen
  if (words.has('reasoning_details')) {
    draft['reasoning_details'] = thoughts.map((thought, index) => ({ ...detailOf(thought), index }))
    for (const thought of thoughts) accountFor(thought, ['text', 'signature', 'redactedData', 'signatureFormat'], pen)
    return
  }
  const key = listWords.find((word) => words.has(word))
  if (key === undefined) {
    if (!asksForParts(pen)) for (const thought of thoughts) losses.whole(thought, lostWhy)
    return
  }
  for (const thought of thoughts)
    if (thought.redactedData === undefined) accountFor(thought, ['text'], pen)
    else losses.whole(thought, lostWhy)
  const text = textOfThoughts(thoughts)
  if (text !== '') draft[key] = text
}

/** An entry of OpenRouter's list. A summary keeps being one. */
export function detailOf(
  thought: Pick<ThoughtBlock, 'text' | 'signature' | 'redactedData' | 'signatureFormat'>,
): JsonObject {
  const { text, signature, redactedData, signatureFormat } = thought
  const format = signatureFormat === undefined ? {} : { format: signatureFormat }
  if (redactedData !== undefined) return { type: 'reasoning.encrypted', data: redactedData, ...format }
  const key = lastStep(keyFor(thought, 'text', 'text'))
  const signed = signature === undefined ? {} : { signature }
  if (key === 'summary') return { type: 'reasoning.summary', summary: text, ...signed, ...format }
  return { type: 'reasoning.text', text, ...signed, ...format }
}

function thinkingBlock({ text, signature, redactedData }: ThoughtBlock): JsonObject {
  if (redactedData !== undefined) return { type: 'redacted_thinking', data: redactedData }
  return { type: 'thinking', thinking: text, ...(signature !== undefined && { signature }) }
}

function lastStep(key: string): string {
  return key.slice(key.lastIndexOf('.') + 1)
}

/** In which member of its message an own block came, such as `content` or `tool_calls`. */
export function memberOf(block: Block): string | undefined {
  const origin = originOf(block)
  if (origin?.dialect !== dialectName) return undefined
  const inList = /\.(\w+)\[\d+\]$/.exec(origin.path)?.[1]
  const [key = ''] = Object.values(origin.heard)
  return inList ?? /^\w+/.exec(key)?.[0] ?? /\.(\w+)$/.exec(origin.path)?.[1]
}
