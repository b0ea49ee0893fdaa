import { describe, expect, it } from 'vitest'
import { answerBytes, recordings, reportMissingCorpus } from '../../../../test/corpus.ts'
import type { Block, ChatCall } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { edit } from '../../../canonical/origin.ts'
import { SseScanner } from '../../../wire/sse.ts'
import { isFreeForm } from '../free-form.ts'
import { translation } from './index.ts'

const { readChat, writeChat, readAnswer, writeAnswer, openEvents, openFrames } = translation
const settings = { modelName: 'asked', requestId: 'req_1', nowSeconds: 7, wantsStreamUsage: true }
const recorded = recordings('chat')
if (recorded.length === 0) reportMissingCorpus('round trips of recorded chat')

const calls = recorded.flatMap(({ id, request }) => {
  const body: unknown = request?.body
  return isJsonObject(body) && typeof body['model'] === 'string' ? [{ id, body }] : []
})
const answers = recorded.filter(isAnswered).flatMap(({ id, response }) => {
  const body = parsed(response.body)
  return isJsonObject(body) ? [{ id, body }] : []
})
const streams = recorded.filter(isAnswered).flatMap((recording) => {
  if (!/^(?:data|event|:)/.test(recording.response.body)) return []
  const scanner = new SseScanner()
  const frames = [...scanner.push(answerBytes(recording))].map(({ data }) => data.toString())
  return [{ id: recording.id, frames }]
})

describe('recorded chat goes back as it came', () => {
  it('calls, as they are and with unknown fields at every level', () => {
    for (const { id, body } of calls)
      for (const one of [body, withUnknownFields(body)])
        expect(again(readChat(one)), id).toEqual({ body: one, lost: [] })
    console.log(`round trip of ${calls.length} recorded calls, each also with unknown fields`)
  })

  it('answers', () => {
    for (const { id, body } of answers)
      for (const one of [body, withUnknownFields(body)]) {
        const losses = new Losses()
        expect(writeAnswer(readAnswer(one), losses, settings), id).toEqual(one)
        expect(losses.list(), id).toEqual([])
      }
    console.log(`round trip of ${answers.length} recorded answers, each also with unknown fields`)
  })

  it('frames of streams', () => {
    let count = 0
    for (const { id, frames } of streams) {
      const reader = openEvents()
      const writer = openFrames(new Losses(), settings)
      for (const data of frames) {
        const told = writer.write(reader.read('', Buffer.from(data)))
        if (data === '[DONE]') expect(told, id).toBe('')
        else expect(parsed(told.replace(/^data: /, '')), id).toEqual(parsed(data))
        count++
      }
    }
    console.log(`round trip of ${count} recorded frames of ${streams.length} streams`)
  })
})

describe('an edit of a recorded call', () => {
  it('shows where it was made and nowhere else', () => {
    let count = 0
    for (const { id, body } of calls)
      for (const one of [body, withUnknownFields(body)])
        for (const { call, mark } of maskings(readChat(one))) {
          const { body: written, lost } = again(call)
          expect(lost, id).toEqual([])
          expect(restored(written, mark), id).toEqual(one)
          count++
        }
    console.log(`locality of ${count} edits of texts, thoughts, arguments and descriptions`)
  })
})

describe('nodes of a recorded call', () => {
  it('are frozen, with all they hold', () => {
    let count = 0
    for (const { id, body } of calls)
      for (const held of objectsIn(readChat(structuredClone(body)))) {
        expect(Object.isFrozen(held), id).toBe(true)
        count++
      }
    console.log(`${count} frozen objects`)
  })
})

interface Mark {
  readonly was: string
  readonly now: string
}

/** The call with one string in it changed, one after the other. */
function* maskings(call: ChatCall): Generator<{ readonly call: ChatCall; readonly mark: Mark }> {
  for (const [index, message] of call.messages.entries())
    for (const [place, block] of message.blocks.entries())
      for (const { block: changed, mark } of maskedBlocks(block)) {
        const edited = edit(message, { blocks: message.blocks.with(place, changed) })
        yield { call: edit(call, { messages: call.messages.with(index, edited) }), mark }
      }
  for (const [index, tool] of (call.tools ?? []).entries()) {
    if (tool.kind !== 'function' || tool.description === undefined) continue
    const mark = markFor(tool.description)
    const tools = (call.tools ?? []).with(index, edit(tool, { description: mark.now }))
    yield { call: edit(call, { tools }), mark }
  }
}

function* maskedBlocks(block: Block): Generator<{ readonly block: Block; readonly mark: Mark }> {
  if (block.kind === 'text' || block.kind === 'refusal') {
    const mark = markFor(block.text)
    yield { block: edit<Block>(block, { text: mark.now }), mark }
  }
  if (block.kind === 'tool-use') {
    const mark = markFor(block.argumentsText)
    yield { block: edit<Block>(block, { argumentsText: mark.now }), mark }
  }
  if (block.kind !== 'tool-result') return
  for (const [place, inner] of block.blocks.entries())
    for (const { block: changed, mark } of maskedBlocks(inner))
      yield { block: edit<Block>(block, { blocks: block.blocks.with(place, changed) }), mark }
}

/** Unlike anything recorded, so that it can be put back. */
function markFor(was: string): Mark {
  return { was, now: `[masked ${was.length}]` }
}

/** The body with the one marked string put back. Arguments that were empty are read as `{}`. */
function restored(value: Json, mark: Mark): Json {
  if (value === mark.now) return mark.was
  if (Array.isArray(value)) return value.map((one) => restored(one, mark))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, restored(one, mark)]))
}

function again(call: ChatCall): { readonly body: JsonObject; readonly lost: readonly string[] } {
  const losses = new Losses()
  const body = writeChat(call, losses, { defaultOutputCapTokens: 4096 })
  return { body, lost: losses.list().map(({ path }) => path) }
}

function withUnknownFields(body: JsonObject): JsonObject {
  const widened = widenedAt(body, [])
  return isJsonObject(widened) ? widened : body
}

function widenedAt(value: Json, path: readonly (string | number)[]): Json {
  if (path.length > 0 && isFreeForm(path)) return value
  if (Array.isArray(value)) return value.map((one, index) => widenedAt(one, [...path, index]))
  if (!isJsonObject(value)) return value
  const members = Object.entries(value).map(([key, one]) => [key, widenedAt(one, [...path, key])] as const)
  return { ...Object.fromEntries(members), unknown_field: { list: [1, { deep: null }] } }
}

function* objectsIn(value: unknown): Generator<object> {
  if (typeof value !== 'object' || value === null) return
  yield value
  for (const held of Object.values(value)) yield* objectsIn(held)
}

function isAnswered({
  response,
}: {
  readonly response: { readonly status: number; readonly encoding: string }
}): boolean {
  return response.status === 200 && response.encoding === 'utf8'
}

function parsed(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch {
    // A stream, or nothing at all.
    return undefined
  }
}
