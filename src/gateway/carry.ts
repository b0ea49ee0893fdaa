import { GatewayError } from '../canonical/error.ts'
import { isJsonObject } from '../canonical/json.ts'
import type { Principal } from '../canonical/principal.ts'
import type { UsageRecord } from '../canonical/usage-record.ts'
import { urlEncoded } from '../wire/form-scan.ts'
import type { Declared } from './attempt-meter.ts'
import { budgetsOver } from './budget.ts'
import { hearResults, tallyBatch } from './carried/batch-results.ts'
import { batchOfOutput, keep, keepBrought, keepListed, keepMade } from './carried/bind.ts'
import type { AnswerHead, CarriedOpened } from './carried/carried-answer.ts'
import type { CarriedExchange } from './carried/carried-exchange.ts'
import type { ResultLines } from './carried/carried-route.ts'
import { conditionsOf } from './carried/conditions.ts'
import { destinationForNew, destinationOfHolder, carriersFor, type Destination } from './carried/destination.ts'
import { listOwn } from './carried/list-own.ts'
import { CarriedGuard } from './carried/guard-carried.ts'
import { guardAround, guardInner } from './carried/guard-inner.ts'
import { holderOfAll, notFound } from './carried/own-objects.ts'
import { carriedCall } from './carried/carried-call.ts'
import { readCarriedBody } from './carried/read-carried-body.ts'
import { upstreamPath } from './carried/path.ts'
import {
  answerValue,
  nothingUsed,
  refuseFailure,
  relayFlow,
  relayWhole,
  settleWhole,
  type FlowEar,
} from './carried/relay-carried.ts'
import { free, send, type CarryingRoute } from './carried/send.ts'
import { nameAt, openModelOf, openTally, settleBatch, writeOpenBatch } from './carried/settle-batch.ts'
import { declaredOf, setAsideDeclared } from './carried/set-aside.ts'
import { bytesToldHere } from './carried/told-here.ts'
import { statusOf, uploadHeaders, uploadOf } from './carried/gemini-upload.ts'
import { enter } from './enter.ts'
import { findPermitted } from './find-model.ts'
import { takeLimits } from './limit.ts'
import { openMeter } from './meter.ts'
import type { Parts } from './parts.ts'
import { readJson } from './read-json.ts'
import { refuse } from './refuse.ts'

/**
 * Serves one exchange on a path that is carried whole, start to end: as `serve` does, but without a word being translated. What it
 * names must be its organisation's own, what it makes becomes so, and what it may cost is declared in the config.
 */
export async function carry(exchange: CarriedExchange, parts: Parts): Promise<void> {
  const snapshot = parts.snapshot()
  const meter = openMeter(exchange, snapshot, parts)
  const { route, path, query } = exchange.carried
  const carrying: CarryingRoute = { exchange, family: route.family, meter, snapshot, parts }
  try {
    // Who is calling?
    const principal = enter(exchange, snapshot, meter, parts)

    // What is carried, and whose is what it names? Another's is nobody's.
    const carriedBody = await readCarriedBody(exchange, snapshot)
    const holder = await holderOfAll(carriedBody.named, principal.organisation, parts.stateHolders)
    const call = carriedCall(carriedBody, route.costs === 'batches' ? holder?.modelName : undefined, route.costs)
    meter.asked({ call, body: { length: carriedBody.sizeBytes }, textBytes: 0 })

    // May they? Calls inside are judged one by one when they are worded; limits and budgets go by the one model they ask.
    const carriers = carriersFor(snapshot, principal, route.family)
    if (route.costs === 'batches') mustBeJudged(call.modelName)
    const model =
      call.modelName === '' ? undefined : findPermitted(snapshot.catalog, principal, call.modelName, meter).model
    const catalogName = model?.name ?? ''
    const budgeted = route.costs === 'nothing' ? undefined : budgetsOver(principal, { call }, catalogName, snapshot)

    // How often? What an upload weighs is no measure of tokens.
    await takeLimits(
      exchange,
      principal,
      { call, body: { length: 0 }, textBytes: 0 },
      catalogName,
      snapshot,
      meter,
      parts,
    )
    // What was made for a model is looked at by the rules of that one, whoever asks for it later.
    const guard = new CarriedGuard({
      call: { ...call, modelName: call.modelName === '' ? (holder?.modelName ?? '') : call.modelName },
      sizeBytes: carriedBody.sizeBytes,
      principal,
      snapshot,
      clock: parts.clock,
      isUnknown: false,
    })
    meter.guarded(guard.notes)
    guard.mustBeWhole(query)
    await guardInner(carriedBody.inner, principal, snapshot, meter, parts, guard.notes)

    if (route.does === 'list') return await answerValue(carrying, await listOwn(carrying, principal, carriers))

    // Where to? To whoever holds it: there, or nowhere.
    const wanted = exchange.headers.one('x-weir-provider')
    const destination = holder
      ? destinationOfHolder(holder, carriers, route.family, snapshot)
      : destinationForNew(carriers, route.family, wanted, parts)
    const body = await carriedBody.wordedFor(destination.provider, principal, snapshot)
    // The name of an upload is its provider's word, and has been looked up.
    if (route.does !== 'bring') await guard.mustPass({ bytes: Buffer.from(query), contentType: urlEncoded })
    await guard.mustPass(body.judged ?? { ...body, hasCalls: carriedBody.inner.length > 0 })
    if (carriedBody.around) await guardAround(carriedBody.around, guard)

    const batch = await batchHeard(carrying, principal)
    // Of a part, a guardrail could not say what the whole is, nor could a batch be settled by it.
    const isOfferedInParts = route.answersBytes === true && !guard.looksAtAnswers && !batch
    const conditions = isOfferedInParts ? conditionsOf(exchange.headers) : {}
    for (const [name, said] of Object.entries(conditions)) guard.wordsMustPass(name, [said])

    // What it may cost is set aside as the config declares it, before a byte leaves.
    const reserve = route.costs === 'nothing' ? undefined : destination.provider.reserves?.[route.costs]
    const declared = route.costs === 'nothing' ? free : { ...declaredOf(reserve), hidesTokens: true }
    const key = `providers.${destination.provider.name}.reserve.${route.costs}`
    const hold = await setAsideDeclared(
      budgeted,
      reserve,
      declared,
      { place: destination.provider.name, key },
      meter,
      parts,
    )

    const { id } = exchange.carried
    const sent = await send(carrying, {
      destination,
      method: route.method,
      path: upstreamPath(destination, body.path ?? path, query),
      body: body.bytes,
      contentType: body.contentType,
      headers: route.does === 'bring' ? uploadHeaders(exchange) : { ...betaOf(exchange), ...conditions },
      isConditional: Object.keys(conditions).length > 0,
      flows: () => route.answersBytes === true,
      notFound: id === undefined ? undefined : notFound({ id, kind: route.kind, param: undefined }),
      hold,
      declared,
      reason: holder ? 'holds what the call names' : 'the first that keeps such things',
      ...(route.costs === 'batches' && { model, modelName: nameAt(call.modelName, destination, principal, snapshot) }),
    })
    refuseFailure(sent)

    // What has been made is bound before its maker learns its name.
    const { opened } = sent
    const counted = route.costs === 'nothing' ? nothingUsed : undefined
    if (opened.kind !== 'flow' && opened.kind !== 'whole') return
    const { head } = opened
    const start = { head, provider: destination.provider.name, headers: [], guard }
    const asks = { modelName: call.modelName === '' ? holder?.modelName : call.modelName, declared }
    if (opened.kind === 'flow')
      return await relayFlow(carrying, sent, start, () => counted, earOf(carrying, head, destination, principal, batch))
    const told = guard.lookAt(() => opened.body)
    const record = settleWhole(sent, counted)
    const headers = await bind(carrying, opened, destination, principal, { ...asks, record })
    await relayWhole(carrying, { ...start, headers }, bytesToldHere(told(), exchange.carried))
  } catch (thrown) {
    refuse(exchange, thrown, meter)
  } finally {
    meter.close()
  }
}

/** Which version of what OpenAI keeps its SDKs speak of: `assistants=v2` with vector stores (its SDK 6, read 2026-11). */
function betaOf({ carried: { route }, headers }: CarriedExchange): Readonly<Record<string, string>> {
  const beta = route.family === 'openai' ? headers.one('openai-beta') : undefined
  return beta !== undefined && /^[\w=., -]{1,100}$/.test(beta) ? { 'openai-beta': beta } : {}
}

/** The calls of a batch must have been looked at: here, or when its input was sent. */
function mustBeJudged(modelName: string): void {
  if (modelName === '')
    throw new GatewayError(
      'invalid_request',
      'the input of a batch must be a file that was sent here with the purpose `batch`, and hold a call',
      { param: 'input_file_id' },
    )
}

interface CarriedAsks {
  /** Of the call, or for which what it names was made. */
  readonly modelName: string | undefined
  readonly declared: Declared
}

/** A batch whose results are asked for, by the key that has still to settle it. */
interface HeardBatch {
  readonly lines: ResultLines
  readonly id: string
  readonly modelName: string
}

/** @returns `undefined` where what is asked for settles none. */
async function batchHeard({ exchange, parts }: CarryingRoute, principal: Principal): Promise<HeardBatch | undefined> {
  const { id, route } = exchange.carried
  const { settles: lines } = route
  if (lines === undefined || lines === 'object' || id === undefined) return undefined
  const { keyId } = principal
  const batch = lines === 'output' ? batchOfOutput(await parts.stateHolders.openOf({ id, keyId })) : id
  const modelName = batch === undefined ? undefined : await openModelOf(batch, principal, parts)
  return batch === undefined || modelName === undefined ? undefined : { lines, id: batch, modelName }
}

/** Results of a batch are added up as they pass, and settle it when all have passed. */
function earOf(
  carrying: CarryingRoute,
  { status }: AnswerHead,
  destination: Destination,
  principal: Principal,
  batch: HeardBatch | undefined,
): FlowEar {
  // What is not in a part of them was used all the same.
  if (!batch || status === partialContent) return {}
  const tally = openTally(carrying, destination, batch.modelName, principal)
  const heard = hearResults(batch.lines, tally)
  return {
    take: (bytes) => heard.take(bytes),
    whole: async () => {
      if (heard.end()) await settleBatch(carrying, batch.id, tally, destination, principal)
    },
  }
}

const partialContent = 206

/** @returns what the client is told beside the answer. */
async function bind(
  carrying: CarryingRoute,
  { head, body }: Extract<CarriedOpened, { kind: 'whole' }>,
  destination: Destination,
  principal: Principal,
  { modelName, declared, record }: CarriedAsks & { readonly record: UsageRecord },
): Promise<readonly string[]> {
  const { exchange, parts } = carrying
  const { route, id } = exchange.carried
  const { organisation } = principal
  if (route.does === 'remove') {
    if (id !== undefined) await parts.stateHolders.forget(id)
    return []
  }
  const upload = route.does === 'bring' ? uploadOf(exchange, head) : undefined
  if (upload) {
    await keep(carrying, { id: upload.id, kind: 'upload' }, destination, organisation)
    return [...upload.headers, ...statusOf(head)]
  }
  const value = readJson(body)
  const answer = isJsonObject(value) ? value : undefined
  const isMade = route.does === 'make' || (route.does === 'bring' && answer?.['file'] !== undefined)
  if (isMade) {
    const open = route.kind === 'batch' ? writeOpenBatch(principal, modelName ?? '', declared, record) : undefined
    await keepMade(carrying, answer ?? {}, destination, organisation, modelName, open)
  }
  if (answer) await keepBrought(carrying, answer, destination, organisation)
  if (answer) keepListed(carrying, answer, destination, organisation)
  if (answer && route.settles === 'object' && id !== undefined) {
    const tally = openTally(carrying, destination, modelName, principal)
    if (tallyBatch(route.family, answer, tally)) await settleBatch(carrying, id, tally, destination, principal)
  }
  return route.does === 'bring' ? statusOf(head) : []
}
