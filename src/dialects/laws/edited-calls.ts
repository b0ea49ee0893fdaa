import type { Block, ChatCall, Message, TextBlock, ToolResultBlock } from '../../canonical/chat.ts'
import { edit } from '../../canonical/origin.ts'

/** A call with one text in it changed. */
export interface EditedCall {
  readonly kind: 'text' | 'tool result' | 'tool description'
  readonly before: string
  readonly after: string
  /** Reading it makes the edited call. */
  readonly call: () => ChatCall
}

/** Every way to change one text of the call, in its order. */
export function* editedCalls(call: ChatCall): Generator<EditedCall> {
  for (const [index, message] of call.messages.entries())
    for (const { kind, before, message: edited } of editedMessages(message))
      yield edited1(kind, before, (after) => edit(call, { messages: call.messages.with(index, edited(after)) }))
  for (const [index, tool] of (call.tools ?? []).entries()) {
    if (tool.kind !== 'function' || tool.description === undefined) continue
    yield edited1('tool description', tool.description, (description) =>
      edit(call, { tools: (call.tools ?? []).with(index, edit(tool, { description })) }),
    )
  }
}

interface EditedMessage {
  readonly kind: EditedCall['kind']
  readonly before: string
  readonly message: (after: string) => Message
}

function* editedMessages(message: Message): Generator<EditedMessage> {
  const { blocks } = message
  for (const [index, block] of blocks.entries()) {
    const put = (next: Block) => edit(message, { blocks: blocks.with(index, next) })
    if (block.kind === 'text')
      yield { kind: 'text', before: block.text, message: (text) => put(edit<TextBlock>(block, { text })) }
    if (block.kind !== 'tool-result') continue
    for (const [place, inner] of block.blocks.entries()) {
      if (inner.kind !== 'text') continue
      const result = (text: string) =>
        edit<ToolResultBlock>(block, { blocks: block.blocks.with(place, edit<TextBlock>(inner, { text })) })
      yield { kind: 'tool result', before: inner.text, message: (text) => put(result(text)) }
    }
  }
}

function edited1(kind: EditedCall['kind'], before: string, make: (after: string) => ChatCall): EditedCall {
  const after = `${before.slice(0, before.length / 2)}[masked]`
  return { kind, before, after, call: () => make(after) }
}
