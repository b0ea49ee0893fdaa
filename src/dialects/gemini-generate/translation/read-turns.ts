import type { Message } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { isJsonArray, refusal } from '../../shared/call-fields.ts'
import { listedIn, spelledIn } from '../../vendors/gemini/spelling.ts'
import { CallIds } from './call-ids.ts'
import { Hearing } from './hearing.ts'
import { readPart } from './read-parts.ts'

/** The system instruction as the first message, when there is one, then the contents one by one. */
export function readTurns(body: JsonObject): readonly Message[] {
  const { contents } = body
  if (!isJsonArray(contents) && !isJsonObject(contents)) throw refusal('contents', 'must be an array')
  if (isJsonArray(contents) && !contents.every(isJsonObject)) throw refusal('contents', 'must hold objects')
  const ids = new CallIds()
  const turns = listedIn(body, 'contents').map(({ wire, path }) => readContent(wire, path, undefined, ids))
  const system = spelledIn(body, systemKey)
  const said = body[system]
  return [...(isJsonObject(said) ? [readContent(said, system, 'system', ids)] : []), ...turns]
}

export const systemKey = 'systemInstruction'

/** @param role of a content whose own role says nothing: Google passes over that of the system instruction. */
function readContent(wire: Json, path: string, role: 'system' | undefined, ids: CallIds): Message {
  if (!isJsonObject(wire)) throw refusal(path, 'must be an object')
  const hearing = new Hearing(wire, path)
  if (role === undefined) hearing.understood('role', 'role')
  else hearing.structural('role')
  hearing.understood('blocks', 'parts')
  const blocks = listedIn(wire, 'parts', path).map((part) => readPart(part.wire, part.path, ids))
  return hearing.node<Message>({ role: role ?? roleOf(wire['role'], path), blocks, name: undefined })
}

/** `function` is the older word for the turn of results. */
function roleOf(said: Json | undefined, path: string): 'user' | 'assistant' {
  if (said === 'model') return 'assistant'
  if (said === undefined || said === null || said === '' || said === 'user' || said === 'function') return 'user'
  throw refusal(`${path}.role`, 'must be user or model')
}
