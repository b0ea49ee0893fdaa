import { describe, expect, it } from 'vitest'
import { isJsonObject, type JsonObject } from '../../src/canonical/json.ts'
import { corpusDir, recordings, reportMissingCorpus } from '../corpus.ts'
import differences from './case-requests.differences.json' with { type: 'json' }
import { caseFindings, cohereFindings, type FactDifference } from './case-requests.ts'
import { coherePublished } from './cohere-schema.ts'
import { conversePublished } from './converse-schema.ts'
import {
  chatPublished,
  generatePublished,
  messagesPublished,
  responsesPublished,
  type Objections,
} from './published-schemas.ts'

/**
 * The same logical request, recorded in two dialects, at OpenAI, at Anthropic, at Google and at Amazon: translating one side's body gives a body that the other
 * side's published schema accepts, that says what its source said, and what the other side's recording says.
 */
describe('requests recorded in both dialects', () => {
  const chat = chatPublished()?.call
  const messages = messagesPublished().call
  const responses = responsesPublished()?.call
  const generate = generatePublished()?.call
  const converse = conversePublished()?.call
  if (!chat) reportMissingCorpus('requests recorded in both dialects')
  const findings =
    chat && responses && generate && converse
      ? caseFindings({
          'openai-chat': chat,
          'anthropic-messages': messages,
          'openai-responses': responses,
          'gemini-generate': generate,
          'bedrock-converse': converse,
        })
      : []

  it.skipIf(corpusDir === undefined)('have schemas that take what was recorded and refuse what is wrong', () => {
    if (!chat) return
    expect(accepted('openai', 'chat', chat)).toEqual({ accepted: 379, of: 380 })
    expect(accepted('anthropic', 'messages', messages)).toEqual({ accepted: 345, of: 374 })
    expect(responses && accepted('openai', 'responses', responses)).toEqual({ accepted: 351, of: 365 })
    // Google also takes the other spelling of its fields, which its description does not name.
    expect(generate && accepted('gemini', 'generate', generate)).toEqual({ accepted: 305, of: 393 })
    // Two say that a call is no tool's of Amazon's, with a word that the model does not name.
    expect(converse && accepted('bedrock', 'converse', converse)).toEqual({ accepted: 198, of: 200 })
    expect(converse?.({ messages: [{ role: 'user', content: [{ text: 1 }] }] })).not.toEqual([])
    expect(generate?.({ contents: [{ parts: [{ text: 1 }] }] })).not.toEqual([])
    expect(responses?.({ model: 'm', input: [{ role: 'user', content: [{ type: 'text' }] }] })).not.toEqual([])
    expect(chat({ model: 'm', messages: [{ role: 'user' }] })).not.toEqual([])
    expect(messages({ model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'a', name: 'b' }] })).not.toEqual(
      [],
    )
  })

  it('are accepted by the other side’s published schema when translated', () => {
    const refused = findings.filter(({ objections }) => objections.length > 0)
    for (const [direction, list] of Map.groupBy(findings, (one) => one.direction))
      console.log(`${direction}: ${list.length} bodies of cases recorded in both dialects`)
    expect(refused).toEqual([])
  })

  it('say what they said, and what was recorded at the other side, but for listed differences', () => {
    const found = new Map<string, FactDifference>(
      findings.flatMap(({ name, direction, fromSource, fromRecorded }) => [
        ...fromSource.map((one) => [`${name} | ${direction} | source ${one.fact}`, one] as const),
        ...fromRecorded.map((one) => [`${name} | ${direction} | recorded ${one.fact}`, one] as const),
      ]),
    )
    const listed = new Set(listedDifferences.flatMap(({ keys }) => keys))
    const unlisted = [...found].filter(([key]) => !listed.has(key)).map(([key, one]) => ({ key, ...one }))
    const needless = chat ? [...listed].filter((key) => !found.has(key)) : []
    expect({ unlisted, needless }).toEqual({ unlisted: [], needless: [] })
    for (const { reason } of listedDifferences) expect(reason.length).toBeGreaterThan(40)
  })
})

/** Nobody recorded the cases at Cohere, and it publishes no schema: they are held against the types of its SDK, and against themselves. */
describe('requests recorded elsewhere, translated for Cohere', () => {
  const { call } = coherePublished()
  const findings = cohereFindings(call)

  it.skipIf(corpusDir === undefined)('have a schema that takes all that was recorded and refuses what is wrong', () => {
    const isSecondVersion = (body: JsonObject) => 'messages' in body
    expect(accepted('cohere', 'cohere-chat', call, isSecondVersion)).toEqual({ accepted: 51, of: 51 })
    expect(call({ model: 'm', messages: [{ role: 'user', content: 'a', name: 'b' }] })).not.toEqual([])
    expect(call({ model: 'm', messages: [{ role: 'user', content: 'a' }], temperature: 2 })).not.toEqual([])
    const format = { type: 'json_object' }
    expect(
      call({ model: 'm', messages: [{ role: 'user', content: 'a' }], documents: ['b'], response_format: format }),
    ).not.toEqual([])
  })

  it('are accepted, and say what they said but for what the losses name', () => {
    for (const [direction, list] of Map.groupBy(findings, (one) => one.direction))
      console.log(`${direction}: ${list.length} bodies of recorded cases`)
    expect(findings.filter(({ objections }) => objections.length > 0)).toEqual([])
    const unnamed = findings.flatMap(({ direction, id, differences: list, losses }) =>
      list
        .filter(({ fact, left }) => {
          const named = namesOf[fact]
          if (named === undefined || left === '"auto"') return false
          return !losses.some((path) => named.test(path))
        })
        .map((one) => ({ direction, id, ...one })),
    )
    expect(unnamed).toEqual([])
  })
})

/**
 * Where a loss must be named for a fact to differ. Nothing excuses other words of the user's or the assistant's, another cap or another
 * temperature. Tools, their calls and schemas are told in spellings of their own: of those the laws speak.
 */
const namesOf: Readonly<Partial<Record<FactDifference['fact'], RegExp>>> = {
  system: /role/,
  user: /(?!)/,
  assistant: /(?!)/,
  outputCap: /(?!)/,
  temperature: /(?!)/,
  topP: /(?!)/,
  stop: /(?!)/,
  isStream: /(?!)/,
  toolChoice: /tool_choice|toolConfig/,
  isParallel: /parallel/,
  effort: /effort|thinking/,
}

interface ListedDifference {
  readonly reason: string
  /** `case | direction | source (or) recorded fact` */
  readonly keys: readonly string[]
}

const listedDifferences: readonly ListedDifference[] = differences

function accepted(
  provider: string,
  api: string,
  objections: Objections,
  isMeant: (body: JsonObject) => boolean = () => true,
): { readonly accepted: number; readonly of: number } {
  const bodies = recordings(api)
    .filter((recording) => recording.provider === provider)
    .map(({ request }): unknown => request?.body)
    .filter((body): body is JsonObject => isJsonObject(body) && isMeant(body))
  return { accepted: bodies.filter((body) => objections(body).length === 0).length, of: bodies.length }
}
