import type { StateReference } from '../../canonical/call.ts'
import { isJsonObject, type Json } from '../../canonical/json.ts'
import { listIn } from '../call-fields.ts'

/** The files of a call that its provider keeps: parts that hold no more than a name. */
export function readState(messages: readonly Json[]): readonly StateReference[] {
  return messages.flatMap((message, place) =>
    (isJsonObject(message) ? listIn(message, 'content') : []).flatMap((part, index): readonly StateReference[] => {
      const file = isJsonObject(part) ? part['file'] : undefined
      const id = isJsonObject(file) ? file['file_id'] : undefined
      if (typeof id !== 'string' || id === '') return []
      return [{ kind: 'file', id, param: `messages[${place}].content[${index}].file.file_id` }]
    }),
  )
}
