import type { ThoughtBlock } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { listIn } from '../../shared/call-fields.ts'
import { readMarkedSignature } from '../../shared/translation/signed-elsewhere.ts'
import { fieldsIn, signatureFormat } from './own.ts'

/**
 * A thought: its summary or (open models) its text, and what hands it back. Where there is no text at all, only the
 * encrypted thought, that is what there is to hand back.
 */
export function readReasoningItem(item: JsonObject, path: string): ThoughtBlock {
  const fields = fieldsIn(item, path, 'type', 'id')
  if (fields.at('status') === 'completed') fields.understand('status')
  const [summary, content] = [textsIn(item, 'summary'), textsIn(item, 'content')]
  const text = [...(summary ?? []), ...(content ?? [])].join(partBreak)
  const key = summary !== undefined && summary.length > 0 ? 'summary' : 'content'
  if (text !== '') fields.note('text', key)
  if (summary) fields.understand('summary')
  if (content) fields.understand('content')
  const encrypted = item['encrypted_content']
  if (typeof encrypted !== 'string' || encrypted === '')
    return fields.hear<ThoughtBlock>({ kind: 'thought', text, signature: undefined, redactedData: undefined })
  const signed = readMarkedSignature(encrypted) ?? { format: signatureFormat, signature: encrypted }
  fields.note(text === '' ? 'redactedData' : 'signature', 'encrypted_content')
  return fields.hear<ThoughtBlock>({
    kind: 'thought',
    text,
    signature: text === '' ? undefined : signed.signature,
    redactedData: text === '' ? signed.signature : undefined,
    ...(signed.format !== undefined && { signatureFormat: signed.format }),
  })
}

/** Between the parts of a summary, which are paragraphs. */
export const partBreak = '\n\n'

/** @returns the texts; `undefined` when something in the list is none, so that nothing of it is lost unheard. */
function textsIn(item: JsonObject, key: string): readonly string[] | undefined {
  const parts = listIn(item, key)
  const texts = parts.map((part) => textOf(part))
  return texts.every((text) => text !== undefined) ? texts : undefined
}

export function textOf(part: Json | undefined): string | undefined {
  if (!isJsonObject(part) || Object.keys(part).some((key) => key !== 'type' && key !== 'text')) return undefined
  const { text } = part
  return typeof text === 'string' ? text : undefined
}
