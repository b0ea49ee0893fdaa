import type { CloseEvent, HeardFrame, OpenEvent, ReplyEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import { blockReasonOf, candidatesOf, usageIn } from '../read-reply.ts'
import { CandidateReader } from './candidate-reader.ts'
import { closeWords, reasonSaid } from './finish-reasons.ts'
import { dialectName } from './own.ts'
import { readUsageEvent } from './usage-words.ts'

/** The events of an answer that arrived at once. */
export function readAnswer(body: JsonObject): HeardFrame {
  const candidates = candidatesOf(body).flatMap((candidate, place): readonly ReplyEvent[] => {
    const choice = choiceOf(candidate, place)
    const reader = new CandidateReader(choice)
    const parts = partsOf(candidate, place).flatMap(({ part, path }) => reader.read(part, path, responseIdOf(body)))
    const blocks = [...parts, ...reader.end()]
    return [...blocks, readClose(candidate, place, choice, reader.hasCalled)]
  })
  const usage = readUsageEvent(body['usageMetadata'])
  const events: readonly ReplyEvent[] = [readOpen(body), ...candidates, ...blocked(body), ...(usage ? [usage] : [])]
  return hear<HeardFrame>(
    { events, wire: body },
    { dialect: dialectName, wire: body, path: '', heard: { events: 'candidates' } },
  )
}

/** The head of an answer. What nobody knows of the answer as a whole is remembered here. */
export function readOpen(body: JsonObject): OpenEvent {
  const { responseId, modelVersion, createTime } = body
  const createdAtMs = typeof createTime === 'string' ? Date.parse(createTime) : Number.NaN
  const event: OpenEvent = {
    kind: 'open',
    id: typeof responseId === 'string' && responseId !== '' ? responseId : undefined,
    responseModel: typeof modelVersion === 'string' && modelVersion !== '' ? modelVersion : undefined,
    createdAtSeconds: Number.isNaN(createdAtMs) ? undefined : Math.floor(createdAtMs / 1000),
  }
  const isBlocked = blockReasonOf(body) !== undefined
  const heard = {
    id: 'responseId',
    responseModel: 'modelVersion',
    createdAtSeconds: 'createTime',
    '': ['candidates', ...(usageIn(body) ? ['usageMetadata'] : []), ...(isBlocked ? ['promptFeedback'] : [])].join(' '),
  }
  return hear(event, { dialect: dialectName, wire: body, path: '', heard })
}

/** Candidates come in their order; one that is told alone says which it is. */
export function choiceOf(candidate: Json, place: number): number {
  const index = isJsonObject(candidate) ? candidate['index'] : undefined
  return typeof index === 'number' && Number.isSafeInteger(index) && index >= 0 ? index : place
}

export function responseIdOf(body: JsonObject): string {
  const { responseId } = body
  return typeof responseId === 'string' ? responseId.replace(/[^A-Za-z0-9_-]/g, '') : ''
}

/** The parts of a candidate with their places. */
export function partsOf(candidate: Json, place: number): readonly { readonly part: Json; readonly path: string }[] {
  const content = isJsonObject(candidate) ? candidate['content'] : undefined
  const parts = isJsonObject(content) ? content['parts'] : undefined
  if (!isJsonArray(parts)) return []
  return parts.map((part, index) => ({ part, path: `candidates[${place}].content.parts[${index}]` }))
}

/** Why a candidate ended. What else its object holds (ratings, grounding, odds) is remembered here. */
export function readClose(candidate: Json, place: number, choice: number, hasToolUse: boolean): CloseEvent {
  const wire = isJsonObject(candidate) ? candidate : {}
  const event: CloseEvent = {
    kind: 'close',
    choice,
    ...closeWords(reasonSaid(wire['finishReason']) ?? 'STOP', hasToolUse),
    stopSequence: undefined,
  }
  const heard = { reason: 'finishReason', choice: 'index', '': 'content.parts content.role' }
  return hear(event, { dialect: dialectName, wire, path: `candidates[${place}]`, heard })
}

/** A blocked prompt has no candidate: its refusal is the end of the one that was asked for. */
export function blocked(body: JsonObject): readonly CloseEvent[] {
  const reason = blockReasonOf(body)
  const { promptFeedback } = body
  if (reason === undefined || !isJsonObject(promptFeedback) || candidatesOf(body).length > 0) return []
  const event: CloseEvent = {
    kind: 'close',
    choice: 0,
    reason: 'content-filter',
    nativeReason: reason,
    stopSequence: undefined,
  }
  const heard = { reason: 'blockReason' }
  return [hear(event, { dialect: dialectName, wire: promptFeedback, path: 'promptFeedback', heard })]
}
