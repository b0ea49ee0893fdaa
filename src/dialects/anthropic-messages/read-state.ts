import type { StateReference } from '../../canonical/call.ts'
import { isJsonObject, type Json } from '../../canonical/json.ts'
import { listIn } from '../call-fields.ts'

/** The files of a call that its provider keeps (Anthropic docs, Files API, read 2026-11): sources, and what goes to a container. */
export function readState(messages: readonly Json[]): readonly StateReference[] {
  return messages.flatMap((message, place) =>
    isJsonObject(message) ? filesIn(listIn(message, 'content'), `messages[${place}].content`) : [],
  )
}

function filesIn(blocks: readonly Json[], path: string): readonly StateReference[] {
  return blocks.flatMap((block, index): readonly StateReference[] => {
    if (!isJsonObject(block)) return []
    const at = `${path}[${index}]`
    const { source } = block
    return [
      ...fileAt(block['file_id'], `${at}.file_id`),
      ...fileAt(isJsonObject(source) ? source['file_id'] : undefined, `${at}.source.file_id`),
      // Results of tools hold blocks themselves.
      ...filesIn(listIn(block, 'content'), `${at}.content`),
    ]
  })
}

function fileAt(id: Json | undefined, param: string): readonly StateReference[] {
  return typeof id === 'string' && id !== '' ? [{ kind: 'file', id, param }] : []
}
