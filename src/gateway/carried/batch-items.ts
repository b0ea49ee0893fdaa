import { GatewayError } from '../../canonical/error.ts'
import { isJsonObject, type JsonObject } from '../../canonical/json.ts'
import type { Principal } from '../../canonical/principal.ts'
import type { BodyEdit, Dialect } from '../../dialects/dialect.ts'
import type { Provider } from '../../providers/provider.ts'
import { readJsonBody } from '../../wire/json-body.ts'
import type { JsonSpan } from '../../wire/json-list.ts'
import type { JsonMember } from '../../wire/json-scan.ts'
import { replaceSpans, spliceJson, type SpanEdit } from '../../wire/json-splice.ts'
import { refuseSteering } from '../refuse-steering.ts'
import type { Snapshot } from '../snapshot.ts'
import { innerCall, modelNameThere, mostInnerCalls, tooMany, within, type InnerCall } from './inner-calls.ts'
import { WorkTurns } from './work-turns.ts'

/** One call of a batch with what stands around it: a line of a file, or an element of a list. Places count from the start of all of it. */
export interface BatchItem {
  readonly inner: InnerCall
  readonly whole: JsonSpan
  /** Where the call stands in it. */
  readonly call: JsonSpan
}

/** How the items of a batch are read. */
export interface ItemForm {
  /** The member that holds the call. */
  readonly member: string
  /** One whose keys are the client's own. Absent: there is none. */
  readonly freeMember?: string
  /** For problems: what the item at a place is called. */
  whereOf(place: number): string
  /** @throws GatewayError where the item is of none. */
  dialectOf(item: JsonObject): Dialect
  /** What is said of every call outside of it, as members of it. */
  readonly address?: JsonObject
}

/**
 * Reads every item of a batch as if it had come by itself: what a body may have at most, each of them may. Others have their turn
 * meanwhile.
 * @throws GatewayError `invalid_request`, `unsupported`, naming the item; `request_too_large`.
 */
export async function readItems(
  bytes: Buffer,
  places: Iterable<JsonSpan>,
  form: ItemForm,
): Promise<readonly BatchItem[]> {
  const items: BatchItem[] = []
  const turns = new WorkTurns(bytesReadInOneTurn)
  for (const place of places) {
    if (items.length === mostInnerCalls) throw tooMany()
    items.push(readItem(bytes, place, form, form.whereOf(items.length)))
    await turns.after(place.end - place.start)
  }
  return items
}

/** About a millisecond of work. */
const bytesReadInOneTurn = 128 * 1024

function readItem(all: Buffer, whole: JsonSpan, form: ItemForm, where: string): BatchItem {
  const { dialect, valueStart, valueEnd } = within(where, () => findCall(all.subarray(whole.start, whole.end), form))
  const call = { start: whole.start + valueStart, end: whole.start + valueEnd }
  return { inner: innerCall(dialect, all.subarray(call.start, call.end), where, form.address), whole, call }
}

function findCall(
  item: Buffer,
  { member, freeMember, dialectOf }: ItemForm,
): JsonMember & { readonly dialect: Dialect } {
  // Repeated keys inside the call are looked for by its own dialect, which knows what is free-form there.
  const isFree = ([first]: readonly (string | number)[]) =>
    first === member || (freeMember !== undefined && first === freeMember)
  const { value, scan } = readJsonBody(item, isFree)
  refuseSteering(item, value, scan, isFree)
  const dialect = dialectOf(value)
  const found = scan.members.find(({ key }) => key === member)
  if (!found || !isJsonObject(value[member]))
    throw new GatewayError('invalid_request', `\`${member}\` must be an object`, { param: member })
  return { ...found, dialect }
}

/**
 * Words the calls of a batch for the provider that it goes to: under the name that their model has there. All of them ask the
 * same one.
 * @throws GatewayError `model_not_found`, `model_not_allowed`, `unsupported` when the provider serves no such model.
 */
export async function wordForProvider(
  bytes: Buffer,
  items: readonly BatchItem[],
  provider: Provider,
  principal: Principal,
  snapshot: Snapshot,
): Promise<Buffer> {
  const [first] = items
  if (!first) return bytes
  const there = modelNameThere(first.inner, provider, principal, snapshot)
  return wordItems(bytes, items, ({ dialect, value, call }) => dialect.upstreamEdits(value, call, there))
}

/**
 * Edits the calls of a batch. Every byte that is not edited stays as it was.
 * @param editsOf of each call.
 * @param others edits of what is outside of the items.
 */
export async function wordItems(
  bytes: Buffer,
  items: readonly BatchItem[],
  editsOf: (inner: InnerCall) => readonly BodyEdit[],
  others: readonly SpanEdit[] = [],
): Promise<Buffer> {
  const edits = [...others]
  const turns = new WorkTurns(bytesReadInOneTurn)
  for (const { inner, call } of items) {
    const { body, scan } = inner.asked
    const worded = spliceJson(body, scan, editsOf(inner))
    if (worded !== body) edits.push({ ...call, bytes: worded })
    await turns.after(body.length)
  }
  return replaceSpans(bytes, edits)
}

/**
 * What stands around the calls, a share of it at a time: JSON objects that have each item, without its call, under what it is called.
 * @param rest what stands around the items. Absent: nothing does.
 */
export function* aroundItems(bytes: Buffer, items: readonly BatchItem[], rest?: Buffer): Generator<Buffer> {
  if (rest) yield rest
  for (let from = 0; from < items.length; from += itemsInOneShare) {
    const members = items
      .slice(from, from + itemsInOneShare)
      .flatMap(({ inner, whole, call }, place) => [
        Buffer.from(`${place === 0 ? '{' : ','}${JSON.stringify(inner.where)}:`),
        bytes.subarray(whole.start, call.start),
        noCall,
        bytes.subarray(call.end, whole.end),
      ])
    yield Buffer.concat([...members, closed])
  }
}

const itemsInOneShare = 100
const noCall = Buffer.from('{}')
const closed = Buffer.from('}')
