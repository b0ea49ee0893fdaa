import { expect, it } from 'vitest'
import { GatewayError } from '../../src/canonical/error.ts'
import { isJsonObject, type JsonObject } from '../../src/canonical/json.ts'
import { Losses } from '../../src/canonical/loss.ts'
import { dialects } from '../../src/dialects/all.ts'
import { wordedWithout } from '../../src/gateway/refused-keys.ts'
import { providerRows } from '../../src/providers/openai-compatible/row-kinds.ts'
import { recordings, reportMissingCorpus, type Recording } from '../corpus.ts'
import { mistralPublished } from './published-schemas.ts'

/** Every recorded call of another dialect, as it leaves for Mistral: what its own description has against it. */
const from = [
  ['anthropic-messages', 'messages'],
  ['openai-responses', 'responses'],
  ['gemini-generate', 'generate'],
  ['bedrock-converse', 'converse'],
  ['cohere-chat', 'cohere-chat'],
] as const
const { takes, refuses } = providerRows.mistral

it('what is translated for Mistral is as Mistral’s own description has it', { timeout: 120_000 }, () => {
  const published = mistralPublished()
  if (!published) return reportMissingCorpus('calls translated for Mistral')
  const counts = new Map<string, { calls: number; accepted: number }>()
  const objections = new Map<string, string[]>()
  for (const [name, api] of from)
    for (const recording of recordings(api)) {
      const said = bodyOf(recording)
      const body = said && recording.response.status === 200 ? leavesAs(name, said) : undefined
      if (body === undefined) continue
      const found = published.call(body)
      const count = counts.get(name) ?? { calls: 0, accepted: 0 }
      counts.set(name, { calls: count.calls + 1, accepted: count.accepted + (found.length === 0 ? 1 : 0) })
      for (const text of found) {
        const shape = text.replaceAll(/\.\d+/g, '[]')
        objections.set(shape, [...(objections.get(shape) ?? []), recording.id])
      }
    }
  for (const [name, { calls, accepted }] of counts) console.log(`${name} -> mistral: ${accepted} of ${calls} accepted`)
  for (const [shape, ids] of objections) console.log(`${ids.length} x ${shape} ${ids[0]}`)
  expect([...objections.keys()].filter((shape) => !known.has(shape))).toEqual([])
  expect([...known].filter((shape) => !objections.has(shape))).toEqual([])
})

/** Audio is its bytes as one text there; nobody has recorded that it works, so it is left as OpenAI has it. */
const known = new Set(['messages[].content[].input_audio: Invalid input: expected string, received object'])

function leavesAs(name: (typeof from)[number][0], said: JsonObject): JsonObject | undefined {
  const [reader, writer] = [dialects[name].translation, dialects['openai-chat'].translation]
  // Cohere's first version is another dialect.
  if (name === 'cohere-chat' && !Array.isArray(said['messages'])) return undefined
  const [words, without] = [new Set(takes), new Set(refuses)]
  const chat = reader.readChat({ model: said['modelId'] ?? 'any', ...said })
  const written = writtenBy(() =>
    writer.writeChat(chat, new Losses(), { defaultOutputCapTokens: 4_096, words, refuses: without }),
  )
  // Of such a call the target is passed over.
  if (written === undefined) return undefined
  const body = wordedWithout(written, without, new Losses())
  const edits = dialects['openai-chat']
    .upstreamEdits(body, dialects['openai-chat'].readCall(body), 'mistral-small-latest', words)
    .filter(({ key }) => !without.has(key))
  return { ...body, ...Object.fromEntries(edits.map(({ key, value }) => [key, value])) }
}

function bodyOf({ request }: Recording): JsonObject | undefined {
  const body = request?.body
  const value: unknown = JSON.parse(JSON.stringify(body ?? null))
  return isJson(value) ? value : undefined
}

function isJson(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && isJsonObject(value as JsonObject)
}

function writtenBy(write: () => JsonObject): JsonObject | undefined {
  try {
    return write()
  } catch (thrown) {
    if (thrown instanceof GatewayError && thrown.kind === 'unsupported') return undefined
    throw thrown
  }
}
