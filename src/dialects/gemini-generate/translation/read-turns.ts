import type { Block, Message } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { isJsonArray, refusal } from '../../shared/call-fields.ts'
import { listedIn, spelledIn, type Listed } from '../../vendors/gemini/spelling.ts'
import { CallIds } from './call-ids.ts'
import { Hearing } from './hearing.ts'
import { dialectName } from './own.ts'
import { readPart } from './read-parts.ts'

/**
 * The system instruction as the first message, when there is one, then the contents. Clients hand back each piece of a stream as a
 * content of its own: those of the model that stand together are one turn (@google/genai 3.3.0, `Chat`).
 */
export function readTurns(body: JsonObject): readonly Message[] {
  const { contents } = body
  if (!isJsonArray(contents) && !isJsonObject(contents)) throw refusal('contents', 'must be an array')
  if (isJsonArray(contents) && !contents.every(isJsonObject)) throw refusal('contents', 'must hold objects')
  const ids = new CallIds()
  const turns = runsOf(listedIn(body, 'contents')).map((run) => readRun(run, ids))
  const system = spelledIn(body, systemKey)
  const said = body[system]
  return [...(isJsonObject(said) ? [readContent(said, system, 'system', ids)] : []), ...turns]
}

export const systemKey = 'systemInstruction'

/** Contents that are told as one turn. None is empty. */
function runsOf(contents: readonly Listed[]): readonly (readonly Listed[])[] {
  const runs: Listed[][] = []
  for (const content of contents) {
    const last = runs.at(-1)
    if (last?.every(isPieceOfModel) && isPieceOfModel(content)) last.push(content)
    else runs.push([content])
  }
  return runs
}

/** What a content says beside its parts it says of itself alone. */
function isPieceOfModel({ wire }: Listed): boolean {
  return isJsonObject(wire) && wire['role'] === 'model' && Object.keys(wire).every((key) => pieceKeys.has(key))
}

const pieceKeys: ReadonlySet<string> = new Set(['role', 'parts'])

function readRun(run: readonly Listed[], ids: CallIds): Message {
  const [first, ...others] = run
  if (first === undefined || others.length === 0)
    return readContent(first?.wire ?? null, first?.path ?? 'contents', undefined, ids)
  const parts = run.flatMap(({ wire, path }) => (isJsonObject(wire) ? listedIn(wire, 'parts', path) : []))
  return hear<Message>(
    { role: 'assistant', blocks: readModelParts(parts, ids), name: undefined },
    {
      dialect: dialectName,
      wire: run.map(({ wire }) => wire),
      path: first.path,
      heard: { role: 'role', blocks: 'parts' },
    },
  )
}

/** A text or a thought that came in pieces is read as one. A signature belongs to the part it stands in. */
function readModelParts(parts: readonly Listed[], ids: CallIds): readonly Block[] {
  const whole: Listed[] = []
  for (const part of parts) {
    const last = whole.at(-1)
    const wire = last && joinedPiece(last.wire, part.wire)
    if (last && wire) whole[whole.length - 1] = { wire, path: last.path }
    else whole.push(part)
  }
  return whole.map(({ wire, path }) => readPart(wire, path, ids))
}

function joinedPiece(last: Json, next: Json): JsonObject | undefined {
  if (!isJsonObject(last) || !isJsonObject(next) || !isPiece(last) || !isPiece(next)) return undefined
  if ((last['thought'] === true) !== (next['thought'] === true)) return undefined
  return { ...last, text: `${String(last['text'])}${String(next['text'])}` }
}

function isPiece(part: JsonObject): boolean {
  return typeof part['text'] === 'string' && Object.keys(part).every((key) => key === 'text' || key === 'thought')
}

/** @param role of a content whose own role says nothing: Google passes over that of the system instruction. */
function readContent(wire: Json, path: string, role: 'system' | undefined, ids: CallIds): Message {
  if (!isJsonObject(wire)) throw refusal(path, 'must be an object')
  const hearing = new Hearing(wire, path)
  if (role === undefined) hearing.understood('role', 'role')
  else hearing.structural('role')
  hearing.understood('blocks', 'parts')
  const speaker = role ?? roleOf(wire['role'], path)
  const parts = listedIn(wire, 'parts', path)
  const blocks =
    speaker === 'assistant' ? readModelParts(parts, ids) : parts.map((part) => readPart(part.wire, part.path, ids))
  return hearing.node<Message>({ role: speaker, blocks, name: undefined })
}

/** `function` is the older word for the turn of results. */
function roleOf(said: Json | undefined, path: string): 'user' | 'assistant' {
  if (said === 'model') return 'assistant'
  if (said === undefined || said === null || said === '' || said === 'user' || said === 'function') return 'user'
  throw refusal(`${path}.role`, 'must be user or model')
}
