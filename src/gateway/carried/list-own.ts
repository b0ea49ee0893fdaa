import { GatewayError } from '../../canonical/error.ts'
import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import type { Principal } from '../../canonical/principal.ts'
import type { Provider } from '../../providers/provider.ts'
import { parseUnscannedJson } from '../../wire/json-parse.ts'
import { keepBrought } from './bind.ts'
import { destinationOfHolder, isWithinReach, type Destination } from './destination.ts'
import { holderOfAll, notFound } from './own-objects.ts'
import { upstreamPath } from './path.ts'
import { nothingUsed, settleWhole } from './relay-carried.ts'
import type { CarriedRoute } from './routes.ts'
import { saidOnce } from './said-once.ts'
import { toldHere } from './told-here.ts'
import { free, send, settleFailure, type CarryingRoute } from './send.ts'

/** Objects in one page, whatever is asked for: each is read at its provider. */
export const mostListed = 100
const defaultListed = 20
/** Reads of one list at a time. */
const readsAtOnce = 8

/** Objects that are read for one page, where many of them are not wanted in it. */
export const mostReadForPage = 1_000

/**
 * Answers a list from our own books, and not from the provider's list: that one holds everybody's. Each object is read anew where
 * it is, so that its state is of now; what its provider has forgotten is left out, and forgotten here. So is, but for now, what was
 * made with a credential that is not in the config.
 * @throws GatewayError `invalid_request`, `unsupported`, `object_not_found`, and whatever the provider refuses.
 */
export async function listOwn(
  carrying: CarryingRoute,
  principal: Principal,
  carriers: readonly Provider[],
): Promise<JsonObject> {
  const { exchange, parts } = carrying
  const { route, query } = exchange.carried
  const asked = pageAsked(route, new URLSearchParams(query))
  const { organisation } = principal
  // A foreign name must not even tell what is older than it.
  if (asked.after !== undefined)
    await holderOfAll(
      [{ id: asked.after, kind: route.kind, param: asked.afterParam }],
      organisation,
      parts.stateHolders,
    )
  const providers = carriers.map(({ name }) => name)
  const objects: JsonObject[] = []
  let { after } = asked
  let isMore = true
  for (let read = 0; isMore && objects.length < asked.limit && read < mostReadForPage;) {
    const room = asked.limit - objects.length
    const ids = await parts.stateHolders.objectsOf({
      organisation,
      kind: route.kind,
      providers,
      after,
      limit: room + 1,
    })
    isMore = ids.length > room
    const page = ids.slice(0, room)
    const found = await readAll(carrying, page, organisation, carriers)
    for (const [place, { value, isForgotten }] of found.entries()) {
      // What is no more is no place to go on from.
      if (!isForgotten) after = page[place]
      if (value && asked.isWanted(value)) objects.push(value)
    }
    read += page.length
  }
  return pageOf(route, objects, isMore ? after : undefined)
}

/** What came of reading an object where it is. */
interface ReadObject {
  /** `undefined`: it is not shown. */
  readonly value: JsonObject | undefined
  readonly isForgotten: boolean
}

/** In the order of the ids. */
async function readAll(
  carrying: CarryingRoute,
  ids: readonly string[],
  organisation: string,
  carriers: readonly Provider[],
): Promise<readonly ReadObject[]> {
  const { exchange, parts, snapshot } = carrying
  const { family } = exchange.carried.route
  const holders = await parts.stateHolders.holdersOf(ids)
  const objects: ReadObject[] = []
  for (let from = 0; from < ids.length; from += readsAtOnce) {
    const reads = ids.slice(from, from + readsAtOnce).map(async (id, place) => {
      const holder = holders[from + place]
      if (!holder || !isWithinReach(holder, snapshot)) return { value: undefined, isForgotten: !holder }
      const value = await readOne(carrying, id, destinationOfHolder(holder, carriers, family, snapshot), organisation)
      return { value, isForgotten: value === undefined }
    })
    // All have ended before any failure is told: none is left without its record.
    for (const read of await Promise.allSettled(reads)) {
      if (read.status === 'rejected') throw read.reason
      objects.push(read.value)
    }
  }
  return objects
}

/** @returns `undefined` where its provider has forgotten it. */
async function readOne(
  carrying: CarryingRoute,
  id: string,
  destination: Destination,
  organisation: string,
): Promise<JsonObject | undefined> {
  const { exchange, parts } = carrying
  const { route } = exchange.carried
  const sent = await send(carrying, {
    destination,
    method: 'GET',
    path: upstreamPath(destination, readPathOf(route, id), ''),
    body: Buffer.alloc(0),
    flows: () => false,
    notFound: notFound({ id, kind: route.kind, param: undefined }),
    hold: undefined,
    declared: free,
    reason: 'holds what is listed',
  })
  const { opened } = sent
  if (opened.kind !== 'whole') {
    settleFailure(sent, true)
    if (opened.kind === 'failed' && opened.failure.problem.kind === 'object_not_found') {
      await parts.stateHolders.forget(id)
      return undefined
    }
    throw opened.kind === 'failed' ? opened.failure.problem : new GatewayError('upstream_cut')
  }
  settleWhole(sent, nothingUsed)
  const value: Json = parseUnscannedJson(opened.body.toString('utf8'))
  if (!isJsonObject(value)) throw new GatewayError('upstream_invalid', 'the provider told of an object what is none')
  await keepBrought(carrying, value, destination, organisation)
  return toldHere(value, exchange.carried)
}

/** Where one object of a list is read: in every family below the path of the list. */
function readPathOf({ family, path }: CarriedRoute, id: string): string {
  return `${path}/${family === 'gemini' ? id.slice(id.indexOf('/') + 1) : id}`
}

interface PageAsked {
  readonly limit: number
  readonly after: string | undefined
  readonly afterParam: string
  isWanted(object: JsonObject): boolean
}

const pageWords = {
  openai: { limit: 'limit', after: 'after' },
  anthropic: { limit: 'limit', after: 'after_id' },
  gemini: { limit: 'pageSize', after: 'pageToken' },
} as const

/** Words that would turn the list around. */
const notSpoken: readonly string[] = ['before', 'before_id', 'order']

function pageAsked({ family }: CarriedRoute, query: URLSearchParams): PageAsked {
  const words = pageWords[family]
  for (const word of notSpoken)
    if ((saidOnce(query, word) ?? 'desc') !== 'desc')
      throw new GatewayError('unsupported', `lists run from the newest to the oldest here: leave \`${word}\` out`, {
        param: word,
      })
  const asked = saidOnce(query, words.limit) ?? String(defaultListed)
  if (!/^[1-9]\d{0,8}$/.test(asked))
    throw new GatewayError('invalid_request', `\`${words.limit}\` must be a whole number from 1 on`, {
      param: words.limit,
    })
  const purpose = family === 'openai' ? saidOnce(query, 'purpose') : undefined
  return {
    limit: Math.min(Number(asked), mostListed),
    after: saidOnce(query, words.after),
    afterParam: words.after,
    isWanted: (object) => purpose === undefined || object['purpose'] === purpose,
  }
}

/** @param next the last of the page, where there are more. */
function pageOf(
  { family, kind, path }: CarriedRoute,
  data: readonly JsonObject[],
  next: string | undefined,
): JsonObject {
  if (family === 'gemini') {
    // A batch is told of as the operation that it is.
    const member = kind === 'batch' ? 'operations' : path.slice(path.lastIndexOf('/') + 1)
    return { [member]: data, ...(next !== undefined && { nextPageToken: next }) }
  }
  const first = data[0]?.['id'] ?? null
  const last = next ?? data.at(-1)?.['id'] ?? null
  const page = { data, first_id: first, last_id: last, has_more: next !== undefined }
  return family === 'openai' ? { object: 'list', ...page } : page
}
