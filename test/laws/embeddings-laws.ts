import type { EmbeddingsAnswer, EmbeddingsCall, Vector } from '../../src/canonical/embeddings.ts'
import { GatewayError } from '../../src/canonical/error.ts'
import { isJsonObject, type Json, type JsonObject } from '../../src/canonical/json.ts'
import { Losses } from '../../src/canonical/loss.ts'
import { edit } from '../../src/canonical/origin.ts'
import { inputTokensOf } from '../../src/canonical/usage.ts'
import { passedOn } from '../../src/dialects/laws/both-relays.ts'
import type { AnswerCase, CallCase, Exchanges } from '../../src/dialects/laws/exchanges.ts'
import { looseNodes } from '../../src/dialects/laws/frozen-nodes.ts'
import { differencesOf, withUnknownFields } from '../../src/dialects/laws/json-places.ts'
import { attempt, type Failure, type Trial } from '../../src/dialects/laws/law.ts'
import { answerSettings } from '../../src/dialects/laws/retell.ts'
import { differences } from '../../src/dialects/laws/round-trip.ts'
import { resultsOf, type LawResult } from '../../src/dialects/laws/run-laws.ts'
import { writeVector } from '../../src/dialects/shared/one-answer/vectors.ts'
import { ownCalls } from './embeddings-cases.ts'
import { embedders, type Embedder } from './embedders.ts'

/** The laws of embeddings: of a dialect by itself, and of each pair. */
export function embeddingsResults(name: string, recorded: Pick<Exchanges, 'calls' | 'answers'>): readonly LawResult[] {
  const embedder = embedders.find((one) => one.name === name)
  if (!embedder) return []
  const others = embedders.filter((one) => one !== embedder)
  const calls = [...ownCalls(embedder.name), ...recorded.calls]
  const run = (law: string, check: (body: JsonObject) => readonly Failure[]) =>
    resultsOf(
      law,
      name,
      calls.map(({ id, body }): Trial => ({ id, failures: check(body) })),
    )
  const { readQuestion, writeQuestion } = embedder.embeddings
  return [
    ...run('round trip of a call', (body) => [
      ...roundTrip(embedder, 'as it is', body),
      ...roundTrip(
        embedder,
        'with unknown fields',
        withUnknownFields(body, () => false),
      ),
    ]),
    ...resultsOf('locality of an edited text', name, localityTrials(embedder, calls)),
    ...run('frozen nodes', (body) => attempt('reading', () => looseNodes(readQuestion(structuredClone(body))))),
    ...run('both relays agree on a call', (body) =>
      attempt('the call', () => {
        const told = writeQuestion(edit<EmbeddingsCall>(readQuestion(body), { modelName: 'other' }), new Losses())
        return differences('call', passedOn(embedder, body, 'other'), told)
      }),
    ),
    ...resultsOf('every input is asked about in another dialect', name, crossCalls(embedder, others, calls)),
    ...resultsOf('every vector is told in another dialect', name, crossAnswers(embedder, others, recorded.answers)),
  ]
}

function roundTrip({ embeddings }: Embedder, what: string, body: Json): readonly Failure[] {
  return attempt(what, function* () {
    if (!isJsonObject(body)) return
    const losses = new Losses()
    yield* differences(what, body, embeddings.writeQuestion(embeddings.readQuestion(body), losses))
    for (const { path } of losses.list()) yield { what: `${what}: names a loss`, detail: path }
  })
}

function* localityTrials({ embeddings }: Embedder, calls: readonly CallCase[]): Generator<Trial> {
  for (const { id, body } of calls) {
    const call = embeddings.readQuestion(body)
    const texts = [...call.inputs.entries()].filter(([, input]) => input.kind === 'text')
    if (texts.length === 0) continue
    yield {
      id,
      failures: attempt('the edit', function* () {
        for (const [index, input] of texts) {
          const inputs = call.inputs.with(index, edit(input, { text: '[masked]' }))
          const found = [...differencesOf(body, embeddings.writeQuestion(edit(call, { inputs }), new Losses()))]
          if (found.length !== 1 || found[0]?.right !== '[masked]')
            yield { what: 'several places differ', detail: JSON.stringify(found) }
        }
      }),
    }
  }
}

/** What a call asks for, read again from another dialect: the same inputs in order, or the call is refused; the rest is carried or named. */
function* crossCalls(
  { embeddings }: Embedder,
  others: readonly Embedder[],
  calls: readonly CallCase[],
): Generator<Trial> {
  for (const other of others)
    for (const { id, body } of calls)
      yield {
        id,
        to: other.name,
        failures: attempt('the call', function* () {
          const call = embeddings.readQuestion(body)
          const losses = new Losses()
          const written = tryToWrite(() => other.embeddings.writeQuestion(call, losses))
          if (!written) return
          const heard = other.embeddings.readQuestion(written)
          yield* differences('inputs', spoken(call), spoken(heard))
          const lost = losses.list().length
          for (const field of ['dimensions', 'purpose', 'truncation', 'numberType', 'endUser'] as const)
            if (isSaid(call[field]) && call[field] !== heard[field] && lost === 0)
              yield { what: `${field} is lost in silence`, detail: String(call[field]) }
        }),
      }
}

/** Where a text that is too long is refused by nature, nobody misses the word for it. */
function isSaid(value: string | number | undefined): boolean {
  return value !== undefined && value !== 'none'
}

/** What has no word in the other dialect is refused, never left out. */
function tryToWrite(write: () => JsonObject): JsonObject | undefined {
  try {
    return write()
  } catch (thrown) {
    if (thrown instanceof GatewayError && thrown.kind === 'unsupported') return undefined
    throw thrown
  }
}

function spoken({ inputs }: EmbeddingsCall): Json {
  return inputs.map((input) =>
    input.kind === 'text' ? input.text : input.kind === 'token-numbers' ? input.numbers : input.type,
  )
}

function* crossAnswers(
  { embeddings }: Embedder,
  others: readonly Embedder[],
  answers: readonly AnswerCase[],
): Generator<Trial> {
  for (const other of others)
    for (const { id, body } of answers)
      yield {
        id,
        to: other.name,
        failures: attempt('the answer', function* () {
          const answer = embeddings.readAnswer(body)
          for (const encoding of ['float', 'base64'] as const) {
            const question = questionFor(answer, encoding)
            const told = other.embeddings.writeAnswer(answer, question, new Losses(), answerSettings())
            const heard = other.embeddings.readAnswer(told)
            yield* differences(`vectors as ${encoding}`, answer.vectors.map(base64), heard.vectors.map(base64))
            yield* differences('tokens', tokensOf(answer), tokensOf(heard))
          }
        }),
      }
}

function questionFor({ vectors }: EmbeddingsAnswer, encoding: 'float' | 'base64'): EmbeddingsCall {
  const none = { dimensions: undefined, numberType: undefined, purpose: undefined, truncation: undefined }
  const inputs = vectors.map(() => ({ kind: 'text', text: 'a' }) as const)
  return { ...none, modelName: 'e', inputs, encoding, endUser: undefined }
}

/** The same numbers as floats of 32 bits. */
function base64(vector: Vector): Json {
  return writeVector(vector, 'base64')
}

function tokensOf({ usage }: EmbeddingsAnswer): number {
  return usage === undefined ? 0 : inputTokensOf(usage)
}
