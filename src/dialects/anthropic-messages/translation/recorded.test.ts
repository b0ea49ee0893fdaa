import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerBytes, recordings, reportMissingCorpus } from '../../../../test/corpus.ts'
import type { Block, ChatCall } from '../../../canonical/chat.ts'
import { GatewayError } from '../../../canonical/error.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { edit } from '../../../canonical/origin.ts'
import { SseScanner } from '../../../wire/sse.ts'
import { answerSettings } from '../../laws/foreign-words.ts'
import { hostileFrame, hostileObject } from '../../laws/hostile-values.ts'
import { isFreeForm } from '../free-form.ts'
import { translation } from './index.ts'

const settings = { defaultOutputCapTokens: 4096 }

/** Of both providers that were recorded speaking this dialect, what can be read: one call has a string for a message. */
const recorded = recordings('messages').filter(({ id }) => id !== '58fd89cf21f7abed')
if (recorded.length === 0) reportMissingCorpus('round trips of anthropic-messages')
const calls = recorded.flatMap(({ id, model, request }) => {
  const body: unknown = request?.body
  return isJsonObject(body) ? [{ id, body: { model: model ?? 'm', ...body } }] : []
})
const framesOf = (bytes: Buffer) => {
  const scanner = new SseScanner()
  const frames = [...scanner.push(bytes)].map(({ event, data }) => ({ event, data: Buffer.from(data) }))
  const { frame } = scanner.end()
  return frame ? [...frames, frame] : frames
}
const streams = recorded
  .filter(({ response }) => /^(?:event|data|:)/.test(response.body))
  .map((recording) => ({ id: recording.id, frames: framesOf(answerBytes(recording)) }))
const isWholeMessage = ({ frames }: (typeof streams)[number]) => frames.length === 1
const answers = [
  ...recorded
    .filter(({ response }) => response.body.startsWith('{'))
    .map(({ id, response }) => ({ id, text: response.body })),
  ...streams.filter(isWholeMessage).map(({ id, frames }) => ({ id, text: String(frames[0]?.data) })),
].flatMap(({ id, text }) => {
  const body: Json = JSON.parse(text)
  return isJsonObject(body) && body['type'] === 'message' ? [{ id, body }] : []
})

describe('what was recorded of anthropic and vertex', () => {
  it('every call goes back word for word, with fields that nobody knows too', () => {
    for (const { id, body } of calls)
      for (const one of [body, strange(body, [])]) {
        if (!isJsonObject(one)) continue
        const losses = new Losses()
        expect(translation.writeChat(translation.readChat(one), losses, settings), id).toEqual(one)
        expect(losses.list(), id).toEqual([])
      }
    console.log(
      `anthropic-messages: ${calls.length} recorded calls there and back, as they are and with unknown fields`,
    )
  })

  it('every text of every call can be changed alone', () => {
    let edits = 0
    for (const { id, body } of calls)
      for (const call of editedCalls(translation.readChat(body))) {
        edits++
        const told = JSON.stringify(translation.writeChat(call, new Losses(), settings))
        expect(told.replace(maskText, ''), id).not.toContain(maskText)
        expect(withoutMask(JSON.parse(told)), id).toEqual(withoutMask(body, told))
      }
    console.log(`anthropic-messages: ${edits} edits of one text each`)
  })

  it('nothing that was read can be changed in place', () => {
    for (const { id, body } of calls) expect(looseIn(translation.readChat(structuredClone(body))), id).toEqual([])
  })

  it('every answer goes back word for word, with fields that nobody knows too', () => {
    for (const { id, body } of answers)
      for (const one of [body, strange(body, [])]) {
        if (!isJsonObject(one)) continue
        expect(translation.writeAnswer(translation.readAnswer(one), new Losses(), answerSettings), id).toEqual(one)
      }
    console.log(`anthropic-messages: ${answers.length} recorded answers there and back`)
  })

  it('every frame of every stream goes back word for word, with fields that nobody knows too', () => {
    let count = 0
    for (const { id, frames } of streams) {
      const last = frames.at(-1)?.data.toString() ?? ''
      if (!last.includes('message_stop')) continue
      for (const change of [(value: Json) => value, (value: Json) => strange(value, [])]) {
        const reader = translation.openEvents()
        const writer = translation.openFrames(new Losses(), answerSettings)
        const changed = frames.map(({ event, data }) => ({ event, data: change(JSON.parse(data.toString())) }))
        const texts = changed.map(({ event, data }) =>
          writer.write(reader.read(event, Buffer.from(JSON.stringify(data)))),
        )
        const told = framesOf(Buffer.from(texts.join('') + writer.end()))
        expect(
          told.map(({ event, data }) => ({ event, data: JSON.parse(data.toString()) })),
          id,
        ).toEqual(changed)
        count += frames.length
      }
    }
    console.log(`anthropic-messages: ${count / 2} recorded frames of ${streams.length} streams there and back`)
  })
})

describe('what nobody sends', () => {
  it('makes no reader and no writer fail, but refuses a call by name', () => {
    const runs = { seed: 11, numRuns: 400 }
    const asCall = fc.property(hostileObject, hostileObject, (members, message) => {
      for (const messages of [
        [{ role: 'user', content: 'a', ...message }],
        [{ role: 'assistant', content: [message] }],
      ])
        try {
          const call = translation.readChat({ model: 'm', messages, ...members })
          translation.writeChat(call, new Losses(), settings)
          translation.writeChat(
            edit(call, { temperature: 2, messages: call.messages.toReversed() }),
            new Losses(),
            settings,
          )
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(GatewayError)
        }
    })
    const asAnswer = fc.property(hostileObject, hostileObject, (members, block) => {
      const answer = translation.readAnswer({ content: [block, { type: 'tool_use', ...block }], ...members })
      translation.writeAnswer(answer, new Losses(), answerSettings)
      translation.writeAnswer({ ...answer }, new Losses(), answerSettings)
    })
    const asStream = fc.property(
      fc.array(hostileFrame),
      fc.constantFrom('', 'content_block_delta', 'message_start'),
      (frames, event) => {
        const reader = translation.openEvents()
        const [own, foreign] = [
          translation.openFrames(new Losses(), answerSettings),
          translation.openFrames(new Losses(), answerSettings),
        ]
        for (const data of frames) {
          const heard = reader.read(event, Buffer.from(data))
          own.write(heard)
          foreign.write({ ...heard })
        }
        reader.end()
        expect(own.end() + foreign.end()).toContain('message_stop')
      },
    )
    for (const property of [asCall, asAnswer, asStream]) fc.assert<unknown>(property, runs)
  })
})

/** The value with an unknown field in every object outside free-form values. */
function strange(value: Json, path: readonly (string | number)[]): Json {
  if (path.length > 0 && (isFreeForm(path) || path.at(-1) === 'input')) return value
  if (Array.isArray(value)) return value.map((inner: Json, index) => strange(inner, [...path, index]))
  if (!isJsonObject(value)) return value
  const members = Object.entries(value).map(([key, inner]) => [key, strange(inner, [...path, key])] as const)
  return { x_unknown: [path.length], ...Object.fromEntries(members) }
}

const maskText = '***masked***'

/** The call with each of its texts masked in turn. */
function* editedCalls(call: ChatCall): Generator<ChatCall> {
  for (const [index, message] of call.messages.entries())
    for (const blocks of editedBlocks(message.blocks))
      yield edit(call, { messages: call.messages.with(index, edit(message, { blocks })) })
}

function* editedBlocks(blocks: readonly Block[]): Generator<readonly Block[]> {
  for (const [index, block] of blocks.entries()) {
    if (block.kind === 'text') yield blocks.with(index, edit(block, { text: maskText }))
    if (block.kind === 'tool-result')
      for (const inner of editedBlocks(block.blocks)) yield blocks.with(index, edit(block, { blocks: inner }))
  }
}

/** A body as text, with what is masked in `told` masked here too: the only difference there may be. */
function withoutMask(body: JsonObject, told?: string): string {
  const text = JSON.stringify(body)
  if (told === undefined) return text
  const start = told.indexOf(maskText)
  const rest = told.slice(start + maskText.length)
  return text.slice(0, start) + maskText + text.slice(text.length - rest.length)
}

/** Places of what is not frozen. */
function looseIn(value: unknown, place = 'call', seen = new Set<unknown>()): readonly string[] {
  if (typeof value !== 'object' || value === null || seen.has(value)) return []
  seen.add(value)
  const inner = Object.entries(value).flatMap(([key, member]) => looseIn(member, `${place}.${key}`, seen))
  return Object.isFrozen(value) ? inner : [place, ...inner]
}
