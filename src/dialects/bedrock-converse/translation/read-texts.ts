import type { Block, OpaqueBlock, TextBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'
import { markOf, type Marked } from './marked.ts'
import { dialectName, fieldsIn } from './own.ts'

/** Pieces of text, as a document may be written in the call itself. */
export function readTexts(list: readonly Json[], path: string): readonly Block[] {
  return list.map((wire, index) => {
    const marked = { wire, path: `${path}[${index}]`, point: undefined }
    const fields = isJsonObject(wire) ? fieldsIn(wire, marked.path) : undefined
    return (fields && readText(fields, marked)) ?? opaqueBlock(marked)
  })
}

export function readText(fields: WireFields, { point }: Marked): TextBlock | undefined {
  const text = fields.text('text', 'text')
  if (text === undefined) return undefined
  // Some tools tell the kind of a block beside it.
  if (fields.at('type') === 'text') fields.understand('type')
  return fields.hear<TextBlock>({ kind: 'text', text, citations: undefined, cache: markOf(point) })
}

/** A block of a kind that no other dialect has, or in an unknown shape, is kept whole. */
export function opaqueBlock({ wire, path }: Marked): OpaqueBlock {
  const type = isJsonObject(wire) ? kindOf(wire) : typeof wire
  return hear<OpaqueBlock>(
    { kind: 'opaque', type },
    { dialect: dialectName, wire, path, heard: { type: '' }, unheard: [] },
  )
}

/** A block is an object with one member, which says what it is. */
export function kindOf(wire: JsonObject): string {
  return Object.keys(wire).find((key) => key !== 'type') ?? 'nothing'
}
