import type { StateReference } from '../../canonical/call.ts'
import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import type { ReplyFacts } from '../dialect.ts'
import { isGiven, listIn } from '../shared/call-fields.ts'

/** What of the call lies at its provider besides what is named alike everywhere (`kept.ts`): the answer before it, items, prompts. */
export function readState(body: JsonObject, items: readonly Json[]): readonly StateReference[] {
  const { previous_response_id: previous, conversation, prompt } = body
  const found: StateReference[] = []
  const add = (kind: StateReference['kind'], id: Json | undefined, param: string) => {
    if (typeof id === 'string' && id !== '') found.push({ kind, id, param })
  }
  add('answer', previous, 'previous_response_id')
  add('conversation', isJsonObject(conversation) ? conversation['id'] : conversation, 'conversation')
  if (isJsonObject(prompt)) add('object', prompt['id'], 'prompt.id')
  for (const [index, item] of items.entries()) {
    const kind = isJsonObject(item) ? kindOfNamed(item) : undefined
    if (isJsonObject(item) && kind !== undefined) add(kind, item['id'], `input[${index}].id`)
  }
  return found
}

/**
 * The names under which a response and its items are kept, unless it says that it is not stored; and those of the containers that it
 * ran code in, which are kept for a while in any case. Items of a conversation outlive the response that they came with (OpenAI's
 * guide on conversation state, read 2026-11).
 */
export function storedIn(reply: JsonObject): Pick<ReplyFacts, 'storedIds' | 'itemIds'> {
  const items = listIn(reply, 'output')
  const containers = items.flatMap((item) =>
    isJsonObject(item) ? [...textsOf(item['container_id']), ...textsOf(environmentOf(item)['container_id'])] : [],
  )
  if (reply['store'] === false) return { storedIds: containers }
  const { conversation } = reply
  const itemIds = idsOf(items)
  return isJsonObject(conversation)
    ? { storedIds: [...idsOf([reply, conversation]), ...containers], itemIds }
    : { storedIds: [...idsOf([reply]), ...itemIds, ...containers] }
}

function idsOf(holders: readonly Json[]): readonly string[] {
  return holders.flatMap((holder) => (isJsonObject(holder) ? textsOf(holder['id']) : []))
}

function textsOf(value: Json | undefined): readonly string[] {
  return typeof value === 'string' ? [value] : []
}

/** Of a call to a shell. */
function environmentOf({ environment }: JsonObject): JsonObject {
  return isJsonObject(environment) ? environment : {}
}

/** What an item names by its id, where it does not say it; `undefined`: it says what it is. */
function kindOfNamed(item: JsonObject): 'answer' | 'thought' | undefined {
  switch (item['type'] ?? undefined) {
    case 'item_reference':
      return 'answer'
    // The type may be left out of a reference (API description 2.3.0).
    case undefined:
      return item['role'] === undefined ? 'answer' : undefined
    case 'reasoning':
      return isSaid(item['encrypted_content']) || isSaid(item['content']) ? undefined : 'thought'
    // To go on with a picture, its id is enough (OpenAI docs, Image generation, read 2026-11).
    case 'image_generation_call':
      return isSaid(item['result']) ? undefined : 'answer'
    default:
      return Object.keys(item).every((key) => saysNothing.has(key) || !isSaid(item[key])) ? 'answer' : undefined
  }
}

function isSaid(value: Json | undefined): boolean {
  return isGiven(value) && value !== ''
}

const saysNothing: ReadonlySet<string> = new Set(['id', 'type', 'status'])
