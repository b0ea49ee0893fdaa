import type { StateReference } from '../../canonical/call.ts'
import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import { isGiven, listIn } from '../call-fields.ts'

/** What of the call lies at its provider: the answer before it, items, thoughts without their text, prompts, conversations, stores. */
export function readState(body: JsonObject, items: readonly Json[]): readonly StateReference[] {
  const { previous_response_id: previous, conversation, prompt } = body
  const found: StateReference[] = []
  const add = (kind: StateReference['kind'], id: Json | undefined, param: string) => {
    if (typeof id === 'string' && id !== '') found.push({ kind, id, param })
  }
  add('answer', previous, 'previous_response_id')
  add('conversation', isJsonObject(conversation) ? conversation['id'] : conversation, 'conversation')
  if (isJsonObject(prompt)) add('object', prompt['id'], 'prompt.id')
  for (const [index, item] of items.entries())
    if (isJsonObject(item)) {
      add(isReference(item) ? 'answer' : 'thought', idIn(item), `input[${index}].id`)
      for (const field of ['content', 'output'])
        for (const [place, part] of listIn(item, field).entries())
          if (isJsonObject(part)) add('file', part['file_id'], `input[${index}].${field}[${place}].file_id`)
    }
  for (const [index, tool] of listIn(body, 'tools').entries()) {
    if (!isJsonObject(tool)) continue
    for (const [place, id] of listIn(tool, 'vector_store_ids').entries())
      add('store', id, `tools[${index}].vector_store_ids[${place}]`)
    const { container } = tool
    add('container', container, `tools[${index}].container`)
    if (!isJsonObject(container)) continue
    for (const [place, id] of listIn(container, 'file_ids').entries())
      add('file', id, `tools[${index}].container.file_ids[${place}]`)
  }
  return found
}

/**
 * The names under which a response and its items are kept, unless it says that it is not stored; and those of the containers that it
 * ran code in, which are kept for a while in any case.
 */
export function storedIdsIn(reply: JsonObject): readonly string[] {
  const items = listIn(reply, 'output')
  const containers = items.flatMap((item) => (isJsonObject(item) ? textsOf(item['container_id']) : []))
  if (reply['store'] === false) return containers
  const holders: readonly Json[] = [reply, reply['conversation'] ?? null, ...items]
  return [...holders.flatMap((holder) => (isJsonObject(holder) ? textsOf(holder['id']) : [])), ...containers]
}

function textsOf(value: Json | undefined): readonly string[] {
  return typeof value === 'string' ? [value] : []
}

function idIn(item: JsonObject): Json | undefined {
  const isThought = item['type'] === 'reasoning' && !isGiven(item['encrypted_content']) && !isGiven(item['content'])
  return isReference(item) || isThought ? item['id'] : undefined
}

/** The type may be left out (API description 2.3.0). */
function isReference(item: JsonObject): boolean {
  const type = item['type'] ?? undefined
  return type === 'item_reference' || (type === undefined && item['role'] === undefined && item['id'] !== undefined)
}
