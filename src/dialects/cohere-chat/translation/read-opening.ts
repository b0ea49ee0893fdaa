import type { Json } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import type { BlockTeller } from './block-teller.ts'
import { typeOf } from './read-content.ts'

/** Where the plan of an answer stands, in a body. */
export const planPath = 'message.tool_plan'

/** Opens a block for one part of the content: whole in a body, most often empty in a stream. */
export function openContent(blocks: BlockTeller, wire: Json, path: string): void {
  const { type, text, thinking } = isJsonObject(wire) ? wire : {}
  if (type === 'text' && typeof text === 'string') {
    blocks.open({ kind: 'text' }, { wire, path, keys: 'text' })
    blocks.text('text', text)
  } else if (type === 'thinking' && typeof thinking === 'string') {
    blocks.open({ kind: 'thought' }, { wire, path, keys: 'thinking' })
    blocks.text('text', thinking)
  } else
    blocks.open(
      { kind: 'opaque', type: typeOf(wire), wire: isJsonObject(wire) ? wire : { value: wire } },
      { wire, path },
    )
}

/** Opens a block for one call of a tool. */
export function openCall(blocks: BlockTeller, wire: Json, path: string): void {
  const { id, function: called } = isJsonObject(wire) ? wire : {}
  const { name, arguments: argumentsText } = isJsonObject(called) ? called : {}
  if (typeof name !== 'string')
    return blocks.open(
      { kind: 'opaque', type: typeOf(wire), wire: isJsonObject(wire) ? wire : { value: wire } },
      { wire, path },
    )
  const keys = 'id function.name function.arguments'
  blocks.open(
    { kind: 'tool-use', id: typeof id === 'string' ? id : '', name, signature: undefined },
    { wire, path, keys },
  )
  if (typeof argumentsText === 'string') blocks.text('arguments', argumentsText)
}
