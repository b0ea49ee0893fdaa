import type { Block, ChatCall, MediaBlock, Message } from '../../canonical/chat.ts'
import type { TextPlace } from '../../canonical/guardrail.ts'
import { originOf } from '../../canonical/origin.ts'

/** Where each part of a chat call stands in its body, by what it is in canonical words. */
export function placesOf(chat: ChatCall): ReadonlyMap<string, TextPlace> {
  const places = new Map<string, TextPlace>()
  const put = (node: object, place: TextPlace, holder?: Message) => {
    const { path = '', heard = {} } = originOf(node) ?? {}
    if (path === '') return
    if (!holder || originOf(holder)?.path !== path) return void places.set(path, place)
    // Thoughts, texts and refusals may be members of the message itself, beside one another.
    for (const key of Object.values(heard)) places.set(`${path}.${key}`, place)
  }
  const putBlock = (block: Block, above: TextPlace, holder?: Message): void => {
    const place = placeOf(block, above)
    put(block, place, holder)
    if (block.kind === 'tool-result') for (const inner of block.blocks) putBlock(inner, 'tool-result')
    if (
      (block.kind === 'document' || block.kind === 'image' || block.kind === 'audio') &&
      block.source.kind === 'blocks'
    )
      for (const inner of block.source.blocks) putBlock(inner, place)
  }
  for (const message of chat.messages) {
    const place = placeOfMessage(message)
    put(message, place)
    for (const block of message.blocks) putBlock(block, place, message)
  }
  for (const tool of chat.tools ?? []) put(tool, 'tool-definition')
  return places
}

function placeOfMessage({ role }: Message): TextPlace {
  switch (role) {
    case 'system':
    case 'developer':
      return 'system'
    case 'tool':
      return 'tool-result'
    case 'user':
    case 'assistant':
      return role
  }
}

function placeOf(block: Block, above: TextPlace): TextPlace {
  switch (block.kind) {
    case 'thought':
      return 'reasoning'
    case 'refusal':
      return 'refusal'
    case 'image':
    case 'document':
    case 'audio':
      return placeOfMedium(block, above)
    case 'tool-use':
      return 'tool-arguments'
    case 'tool-result':
      return 'tool-result'
    case 'text':
    case 'json':
    case 'opaque':
      return above
  }
}

/** What a search gave is the tool's in whose result it stands; any other document is something of its own. */
export function placeOfMedium({ foundAt }: MediaBlock, above: TextPlace | undefined): TextPlace {
  return foundAt !== undefined && above === 'tool-result' ? above : 'document'
}
