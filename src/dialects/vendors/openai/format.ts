import type { OutputFormat } from '../../../canonical/chat.ts'
import type { WireFields } from '../../shared/translation/wire-fields.ts'

/**
 * The shape that an answer must have, in OpenAI's words.
 * @param prefix of the keys of a schema: where they stand in the object.
 */
export function readOpenAiFormat(fields: WireFields, prefix: 'json_schema.' | ''): OutputFormat | undefined {
  switch (fields.wire['type']) {
    case 'text':
      return fields.hear<OutputFormat>({ kind: 'text' })
    case 'json_object':
      return fields.hear<OutputFormat>({ kind: 'json-object' })
    case 'json_schema':
      return fields.hear<OutputFormat>({
        kind: 'json-schema',
        name: fields.text('name', `${prefix}name`),
        description: fields.text('description', `${prefix}description`),
        schema: fields.object('schema', `${prefix}schema`) ?? {},
        isStrict: fields.flag('isStrict', `${prefix}strict`),
      })
    default:
      return undefined
  }
}
