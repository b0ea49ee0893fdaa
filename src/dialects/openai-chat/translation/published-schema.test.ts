import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { answerBytes, corpusDir, recordings, reportMissingCorpus } from '../../../../test/corpus.ts'
import type { ReplyEvent } from '../../../canonical/event.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { SseScanner } from '../../../wire/sse.ts'
import { openEvents, readAnswer } from './read-answer.ts'
import { close, delta, end, foreignFrame, open, said, start, used } from '../../laws/sample-nodes.ts'
import { writeAnswer } from './write-answer.ts'
import { openFrames } from './write-frames.ts'

const settings = { modelName: 'asked', requestId: 'req_1', nowSeconds: 7, wantsStreamUsage: true }

/** One of everything that another dialect may answer with. */
const everything: readonly ReplyEvent[] = [
  open,
  { kind: 'ping' },
  start(0, { kind: 'thought' }),
  said(0, 'Hm.'),
  delta(0, { kind: 'signature', signature: 'c2ln' }),
  end(0),
  start(1, { kind: 'redacted-thought', data: 'b3Bh' }),
  end(1),
  start(2, { kind: 'text' }),
  said(2, 'I look.'),
  delta(2, { kind: 'citation', citation: { cited: 'x' } }),
  end(2),
  start(3, { kind: 'tool-use', id: 't1', name: 'f', signature: 's' }),
  delta(3, { kind: 'arguments', text: '{"a":1}' }),
  end(3),
  start(4, { kind: 'tool-use', id: 't2', name: 'g', signature: undefined }),
  end(4),
  start(5, { kind: 'image', url: 'data:image/png;base64,AAAA' }),
  end(5),
  start(6, { kind: 'opaque', type: 'server_tool_use', wire: {} }),
  end(6),
  start(7, { kind: 'refusal' }),
  said(7, 'No.'),
  end(7),
  close('pause', 'pause_turn'),
  start(0, { kind: 'audio' }, 1),
  delta(0, { kind: 'audio', base64: 'AA' }, 1),
  said(0, 'beep', 1),
  end(0, 1),
  { kind: 'close', choice: 1, reason: 'stop-sequence', nativeReason: undefined, stopSequence: 'END' },
  used,
]

describe('OpenAI’s published description', () => {
  const found = published()
  if (!found) reportMissingCorpus('the published description of chat answers')

  it.skipIf(!found)('accepts what we make of an answer of another dialect, read strictly', () => {
    expect(found?.answer(writeAnswer(foreignFrame(...everything), new Losses(), settings))).toEqual([])
    const writer = openFrames(new Losses(), settings)
    const text = everything.map((event) => writer.write(foreignFrame(event))).join('') + writer.end()
    for (const chunk of chunksIn(text)) expect(found?.chunk(chunk), JSON.stringify(chunk)).toEqual([])
    const atOnce = openFrames(new Losses(), settings)
    for (const chunk of chunksIn(atOnce.write(foreignFrame(...everything)) + atOnce.end()))
      expect(found?.chunk(chunk), JSON.stringify(chunk)).toEqual([])
  })

  it.skipIf(!found)('accepts every recorded answer and stream, told anew', () => {
    const count = { answers: 0, chunks: 0 }
    const objections: string[] = []
    for (const recording of recordings('chat').filter(({ response }) => response.status === 200)) {
      const body = parsed(recording.response.body)
      const judge = (what: string, list: readonly string[] = []) =>
        objections.push(...list.filter((one) => !providersOwn.test(one)).map((one) => `${recording.id} ${what} ${one}`))
      if (isJsonObject(body) && Array.isArray(body['choices'])) {
        const { events } = readAnswer(body)
        judge('answer', found?.answer(writeAnswer({ events, wire: undefined }, new Losses(), settings)))
        count.answers++
      }
      const reader = openEvents()
      const writer = openFrames(new Losses(), settings)
      const frames = /^(?:data|event|:)/.test(recording.response.body)
        ? new SseScanner().push(answerBytes(recording))
        : []
      for (const { data } of frames) {
        const { events } = reader.read('', data)
        for (const chunk of chunksIn(writer.write({ events, wire: undefined }))) {
          judge('chunk', found?.chunk(chunk))
          count.chunks++
        }
      }
    }
    console.log(`the description was held against ${count.answers} answers and ${count.chunks} chunks`)
    expect(objections).toEqual([])
  })
})

/** What providers say against the description, and we pass on: their own tiers, endings and annotations. */
const providersOwn = /^(?:service_tier|choices\.\d+\.finish_reason|choices\.\d+\.message\.annotations\.)/

type Objections = (body: Json) => readonly string[]

/** Undefined without a corpus. */
function published(): { readonly answer: Objections; readonly chunk: Objections } | undefined {
  if (corpusDir === undefined) return undefined
  const description: Json = JSON.parse(readFileSync(join(corpusDir, 'specs', 'openai.openapi.json'), 'utf8'))
  const components = isJsonObject(description) ? description['components'] : undefined
  const schemas = isJsonObject(components) ? components['schemas'] : undefined
  if (!isJsonObject(schemas)) return undefined
  return {
    answer: objections(schemas, 'CreateChatCompletionResponse'),
    chunk: objections(schemas, 'CreateChatCompletionStreamResponse'),
  }
}

function objections(schemas: JsonObject, name: string): Objections {
  const definitions: JsonObject = Object.fromEntries(
    [...namesUsed(schemas, name)].map((used) => [used, asJsonSchema(schemas[used] ?? {})] as const),
  )
  const root: JsonObject = { $ref: `#/$defs/${name}`, $defs: definitions }
  const validator = z.fromJSONSchema(root)
  return (body) =>
    (validator.safeParse(body).error?.issues ?? []).map(
      ({ path, message }) => `${path.map(String).join('.')}: ${message}`,
    )
}

function namesUsed(schemas: JsonObject, name: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(name)) return found
  found.add(name)
  for (const [, used] of JSON.stringify(schemas[name]).matchAll(/"#\/components\/schemas\/([^"]+)"/g))
    if (used !== undefined) namesUsed(schemas, used, found)
  return found
}

/** OpenAPI's `nullable` as JSON Schema says it. */
function asJsonSchema(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(asJsonSchema)
  if (!isJsonObject(schema)) return schema
  const members = Object.entries(schema)
    .filter(([key]) => key !== 'nullable' && key !== 'default')
    .map(([key, value]) => [
      key,
      key === '$ref' ? String(value).replace('#/components/schemas/', '#/$defs/') : asJsonSchema(value),
    ])
  const plain: JsonObject = Object.fromEntries(members)
  return schema['nullable'] === true ? { anyOf: [plain, { type: 'null' }] } : plain
}

function chunksIn(text: string): readonly Json[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '' && frame !== 'data: [DONE]')
    .map((frame) => parsed(frame.replace(/^data: /, '')) ?? null)
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
