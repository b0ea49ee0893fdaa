import type { EmbeddingsCall } from '../../src/canonical/embeddings.ts'
import { isJsonObject, type Json, type JsonObject } from '../../src/canonical/json.ts'
import { Losses } from '../../src/canonical/loss.ts'
import { edit } from '../../src/canonical/origin.ts'
import { passedOn } from '../../src/dialects/laws/both-relays.ts'
import type { CallCase } from '../../src/dialects/laws/exchanges.ts'
import { looseNodes } from '../../src/dialects/laws/frozen-nodes.ts'
import { differencesOf, withUnknownFields } from '../../src/dialects/laws/json-places.ts'
import { attempt, type Failure, type Trial } from '../../src/dialects/laws/law.ts'
import { differences } from '../../src/dialects/laws/round-trip.ts'
import { resultsOf, type LawResult } from '../../src/dialects/laws/run-laws.ts'
import { openAiEmbeddings } from '../../src/dialects/openai-embeddings/index.ts'
import { readEmbeddings } from '../../src/dialects/openai-embeddings/translation/read-embeddings.ts'
import { writeEmbeddings } from '../../src/dialects/openai-embeddings/translation/write-embeddings.ts'

/** The laws that need no second dialect, for calls that only one dialect has. */
export function embeddingsResults(recorded: readonly CallCase[]): readonly LawResult[] {
  const calls = [...golden(), ...recorded]
  const run = (law: string, check: (body: JsonObject) => readonly Failure[]) =>
    resultsOf(
      law,
      openAiEmbeddings.name,
      calls.map(({ id, body }): Trial => ({ id, failures: check(body) })),
    )
  return [
    ...run('round trip of a call', (body) => [
      ...roundTrip('as it is', body),
      ...roundTrip(
        'with unknown fields',
        withUnknownFields(body, () => false),
      ),
    ]),
    ...resultsOf('locality of an edited text', openAiEmbeddings.name, localityTrials(calls)),
    ...run('frozen nodes', (body) => attempt('reading', () => looseNodes(readEmbeddings(structuredClone(body))))),
    ...run('both relays agree on a call', (body) =>
      attempt('the call', () => {
        const told = writeEmbeddings(edit<EmbeddingsCall>(readEmbeddings(body), { modelName: 'other' }), new Losses())
        return differences('call', passedOn(openAiEmbeddings, body, 'other'), told)
      }),
    ),
  ]
}

function roundTrip(what: string, body: Json): readonly Failure[] {
  return attempt(what, function* () {
    if (!isJsonObject(body)) return
    const losses = new Losses()
    yield* differences(what, body, writeEmbeddings(readEmbeddings(body), losses))
    for (const { path } of losses.list()) yield { what: `${what}: names a loss`, detail: path }
  })
}

function* localityTrials(calls: readonly CallCase[]): Generator<Trial> {
  for (const { id, body } of calls) {
    const call = readEmbeddings(body)
    const texts = [...call.inputs.entries()].filter(([, input]) => input.kind === 'text')
    if (texts.length === 0) continue
    yield {
      id,
      failures: attempt('the edit', function* () {
        for (const [index, input] of texts) {
          const inputs = call.inputs.with(index, edit(input, { text: '[masked]' }))
          const found = [...differencesOf(body, writeEmbeddings(edit(call, { inputs }), new Losses()))]
          if (found.length !== 1 || found[0]?.right !== '[masked]')
            yield { what: 'several places differ', detail: JSON.stringify(found) }
        }
      }),
    }
  }
}

/** Our own cases: every shape of an input, with every field beside it. Shapes: OpenAI API description 2.3.0. */
function golden(): readonly CallCase[] {
  const inputs: readonly Json[] = [
    'one text',
    '',
    'Grüße, 世界 😀',
    ['one text in a list'],
    ['two', 'texts'],
    ['a', '', 'b'],
    [1, 2, 3],
    [[1, 2], [3]],
    ['a text', [1, 2]],
    [],
    ['\n', '\u0000'],
  ]
  const others: readonly JsonObject[] = [
    { dimensions: 256 },
    { encoding_format: 'base64' },
    { encoding_format: 'float', user: 'u-1' },
    { input_type: 'query' },
    { input_type: 'document', truncation: true },
    { user: '' },
    { dimensions: null, encoding_format: null },
    { truncate: 'END', output_dtype: 'int8' },
    { provider: { order: ['a'], allow_fallbacks: false } },
    { metadata: { team: 'search' } },
  ]
  return [
    ...inputs.map((input, index) => ({ id: `golden/input-${index}`, body: { model: 'e', input } })),
    ...others.map((members, index) => ({
      id: `golden/members-${index}`,
      body: { model: 'e', input: 'a', ...members },
    })),
  ]
}
