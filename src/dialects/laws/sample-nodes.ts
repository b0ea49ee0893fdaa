import type {
  Block,
  ChatCall,
  MediaBlock,
  MediaSource,
  Message,
  TextBlock,
  ThoughtBlock,
  ToolUseBlock,
} from '../../canonical/chat.ts'
import type { BlockOpening, Delta, HeardFrame, ReplyEvent } from '../../canonical/event.ts'
import { hear } from '../../canonical/origin.ts'
import { noUsage } from '../../canonical/usage.ts'
import { medium } from './foreign-words.ts'
import { nothingSaid } from './nothing-said.ts'

/** Calls and answers as a reader of another dialect would give them, for the tests of writing. */

export function foreignCall(members: Partial<ChatCall> = {}, wire: string = members.modelName ?? 'm'): ChatCall {
  const heard = Object.fromEntries(Object.keys(members).map((field) => [field, `their_${field}`]))
  const call: ChatCall = {
    ...nothingSaid,
    messages: [foreignMessage('user', [text('Hi')])],
    ...members,
  }
  return foreign(call, '', { ...heard, modelName: 'model', messages: 'turns' }, wire)
}

export function foreignMessage(
  role: Message['role'],
  blocks: readonly Block[],
  name?: string,
  path = 'turns[0]',
): Message {
  return foreign<Message>({ role, blocks, name }, path, { name: 'name' })
}

export function text(said: string, members: Partial<TextBlock> = {}, path = 'turns[0].blocks[0]'): TextBlock {
  return foreign<TextBlock>({ kind: 'text', text: said, citations: undefined, cache: undefined, ...members }, path, {
    text: 'text',
    citations: 'citations',
    cache: 'cache',
  })
}

export function thought(said: string, members: Partial<ThoughtBlock> = {}, path = 'turns[1].blocks[0]'): ThoughtBlock {
  return foreign<ThoughtBlock>(
    { kind: 'thought', text: said, signature: undefined, redactedData: undefined, ...members },
    path,
    { text: 'thinking', signature: 'signature', redactedData: 'data' },
  )
}

export function media(
  kind: MediaBlock['kind'],
  source: MediaSource,
  members: Partial<MediaBlock> = {},
  path = 'turns[0].blocks[0]',
): MediaBlock {
  return foreign(medium(kind, source, members), path, {
    source: 'source',
    detail: 'detail',
    title: 'title',
    note: 'context',
    wantsCitations: 'citations.enabled',
    cache: 'cache',
  })
}

export function use(id: string, name: string, argumentsText = '{}', members: Partial<ToolUseBlock> = {}): ToolUseBlock {
  return foreign<ToolUseBlock>(
    { kind: 'tool-use', id, name, argumentsText, signature: undefined, cache: undefined, ...members },
    `turns[1].use.${id}`,
    { id: 'id', name: 'name', argumentsText: 'input', signature: 'signed', cache: 'cache' },
  )
}

export function result(toolUseId: string, blocks: readonly Block[], isError?: boolean): Block {
  return foreign<Block>(
    { kind: 'tool-result', toolUseId, blocks, isError, cache: undefined },
    `turns[2].result.${toolUseId}`,
    { toolUseId: 'id', blocks: 'content', isError: 'is_error', cache: 'cache' },
  )
}

export function foreign<T extends object>(
  node: T,
  path: string,
  heard: Readonly<Record<string, string>>,
  wire = 'theirs',
): T {
  return hear(node, { dialect: 'another', wire, path, heard, unheard: [] })
}

/** Events of another dialect, in a frame of its own. */
export function foreignFrame(...events: readonly ReplyEvent[]): HeardFrame {
  return hear<HeardFrame>({ events, wire: 'theirs' }, { dialect: 'another', wire: 'theirs', path: '', heard: {} })
}

export function start(block: number, content: BlockOpening, choice = 0): ReplyEvent {
  return { kind: 'block-start', choice, block, content }
}

export function delta(block: number, more: Delta, choice = 0): ReplyEvent {
  return { kind: 'block-delta', choice, block, delta: more }
}

export function said(block: number, words: string, choice = 0): ReplyEvent {
  return delta(block, { kind: 'text', text: words }, choice)
}

export function end(block: number, choice = 0): ReplyEvent {
  return { kind: 'block-end', choice, block }
}

export const open: ReplyEvent = { kind: 'open', id: 'msg_1', responseModel: 'c-1', createdAtSeconds: undefined }

export const used: ReplyEvent = {
  kind: 'usage',
  usage: { ...noUsage, inputUncached: 10, cacheRead: 4, cacheWrite5m: 3, outputText: 5, outputReasoning: 2 },
  providerCostNanos: 77n,
  serviceTier: 'standard',
}

export function close(
  reason: Extract<ReplyEvent, { kind: 'close' }>['reason'],
  native?: string,
  choice = 0,
): ReplyEvent {
  return { kind: 'close', choice, reason, nativeReason: native, stopSequence: undefined }
}
