import type {
  Block,
  ChatCall,
  MediaBlock,
  Message,
  TextBlock,
  ThoughtBlock,
  ToolResultBlock,
  ToolUseBlock,
} from '../../canonical/chat.ts'
import type { ReplyEvent } from '../../canonical/event.ts'
import { Losses } from '../../canonical/loss.ts'
import { hear } from '../../canonical/origin.ts'
import type { AnswerSettings, ChatTranslation } from '../translation.ts'
import { nothingSaid } from './nothing-said.ts'

/** Canonical nodes as a dialect would have read them that nobody knows and whose words are the canonical ones. */
export function said<T extends object>(node: T, path: string): T {
  const heard = Object.fromEntries(Object.keys(node).map((field) => [field, field]))
  return hear(node, { dialect: 'foreign', wire: {}, path, heard, unheard: [] })
}

/** A call with these words, its messages and tools heard too. */
export function foreignCall(words: Partial<ChatCall>): ChatCall {
  return said<ChatCall>({ ...nothingSaid, ...words }, '')
}

/** A foreign call as this dialect tells it, with the places of the losses, `~` before those that are approximations. */
export function toldIn(translation: ChatTranslation, words: Partial<ChatCall>) {
  const losses = new Losses()
  const body = translation.writeChat(foreignCall(words), losses, { defaultOutputCapTokens: 4096 })
  return { body, losses: losses.list().map(({ path, kind }) => (kind === 'approximated' ? `~${path}` : path)) }
}

/** Messages in a row; their blocks' places follow from theirs. */
export function turns(...list: readonly (readonly [Message['role'], ...Block[]])[]): readonly Message[] {
  return list.map(([role, ...blocks], index) => {
    const path = `messages[${index}]`
    const placed = blocks.map((block, place) => said(block, `${path}.blocks[${place}]`))
    return said<Message>({ role, blocks: placed, name: undefined }, path)
  })
}

export const text = (words: string, more: Partial<TextBlock> = {}): TextBlock => ({
  kind: 'text',
  text: words,
  citations: undefined,
  cache: undefined,
  ...more,
})

export const thought = (words: string, signature?: string, more: Partial<ThoughtBlock> = {}): ThoughtBlock => ({
  kind: 'thought',
  text: words,
  signature,
  redactedData: undefined,
  ...more,
})

export const medium = (
  kind: MediaBlock['kind'],
  source: MediaBlock['source'],
  more: Partial<MediaBlock> = {},
): MediaBlock => ({
  kind,
  source,
  detail: undefined,
  fileName: undefined,
  title: undefined,
  note: undefined,
  wantsCitations: undefined,
  cache: undefined,
  ...more,
})

export const toolUse = (id: string, name: string, argumentsText = '{}'): ToolUseBlock => ({
  kind: 'tool-use',
  id,
  name,
  argumentsText,
  signature: undefined,
  cache: undefined,
})

export const toolResult = (toolUseId: string, blocks: readonly Block[], isError?: boolean): ToolResultBlock => ({
  kind: 'tool-result',
  toolUseId,
  blocks,
  isError,
  cache: undefined,
})

export const answerSettings: AnswerSettings = {
  modelName: 'asked',
  requestId: 'req_1',
  nowSeconds: 1_760_000_000,
  wantsStreamUsage: true,
}

/** Events of one choice, in the short form of a test. */
export const open: ReplyEvent = { kind: 'open', id: 'id_1', responseModel: 'm-1', createdAtSeconds: 1 }
export const start = (
  block: number,
  content: (ReplyEvent & { kind: 'block-start' })['content'],
  choice = 0,
): ReplyEvent => ({ kind: 'block-start', choice, block, content })
export const more = (
  block: number,
  delta: (ReplyEvent & { kind: 'block-delta' })['delta'],
  choice = 0,
): ReplyEvent => ({ kind: 'block-delta', choice, block, delta })
export const end = (block: number, choice = 0): ReplyEvent => ({ kind: 'block-end', choice, block })
export const close = (
  reason: (ReplyEvent & { kind: 'close' })['reason'],
  nativeReason?: string,
  choice = 0,
): ReplyEvent => ({ kind: 'close', choice, reason, nativeReason, stopSequence: undefined })
