import { isJsonObject } from '../../canonical/json.ts'
import { answerTokens } from './answer-text.ts'
import { fillSchema } from './fill-schema.ts'
import type { Question, Tool } from './question.ts'
import { randomFrom, seedOf } from './seeded.ts'
import { countTokens, tokensOf } from './tokens.ts'

/** One of the `n` answers. */
export interface Choice {
  readonly blocks: readonly AnswerBlock[]
  readonly ended: 'end' | 'length' | 'stop-sequence' | 'tools'
  readonly stopSequence: string | undefined
}

export type AnswerBlock =
  | { readonly kind: 'text'; readonly tokens: readonly string[] }
  | {
      readonly kind: 'call'
      readonly id: string
      readonly name: string
      /** The arguments' JSON. */
      readonly tokens: readonly string[]
    }

/** At most so many parallel calls, however many tools there are. */
const parallelCallLimit = 3

/** Makes up the answers to a question: the same for the same seed and question. */
export function answersTo(question: Question, seed: number): readonly Choice[] {
  const ownSeed = seedOf(seed, question.baseName, ...question.prompt.map(({ text }) => text))
  return Array.from({ length: question.choiceCount }, (_, place) => answerTo(question, seedOf(ownSeed, place)))
}

/** The output tokens of a block or a choice. A call's name counts, besides its arguments. */
export function outputTokensOf(block: AnswerBlock): number {
  return block.tokens.length + (block.kind === 'call' ? countTokens(block.name) : 0)
}

function answerTo(question: Question, seed: number): Choice {
  const calls = callsFor(question, seed)
  if (calls.length > 0) return cutAt(question.maxTokens, { blocks: calls, ended: 'tools', stopSequence: undefined })
  const tokens = textFor(question, seed)
  return cutAt(question.maxTokens, stoppedAt(question.stopSequences, tokens))
}

function textFor({ behaviour, jsonSchema }: Question, seed: number): readonly string[] {
  if (behaviour.text !== undefined) return tokensOf(behaviour.text)
  if (isJsonObject(jsonSchema)) return tokensOf(JSON.stringify(fillSchema(jsonSchema, randomFrom(seed))))
  if (jsonSchema !== undefined) return tokensOf('{"simulated": true}')
  return answerTokens(seed, behaviour.tokens)
}

function callsFor(question: Question, seed: number): readonly AnswerBlock[] {
  const random = randomFrom(seed)
  return toolsToCall(question).map(({ name, schema }, place) => ({
    kind: 'call',
    id: seedOf(seed, name, place).toString(36).padStart(7, '0'),
    name,
    tokens: tokensOf(JSON.stringify(fillSchema(schema ?? { type: 'object' }, random))),
  }))
}

/** The first tool, or the one that was named; several when the text asks for it and the caller allows it. */
function toolsToCall(question: Question): readonly Tool[] {
  const { tools, toolChoice } = question
  const [first] = tools
  if (!first || toolChoice === 'none') return []
  if (typeof toolChoice === 'object') return tools.filter(({ name }) => name === toolChoice.name)
  if (question.endsWithToolResult && toolChoice === 'auto') return []
  const wantsSeveral = question.mayCallSeveral && /\b(parallel|several|both|each)\b/i.test(question.lastText)
  if (!wantsSeveral) return [first]
  return tools.length > 1 ? tools.slice(0, parallelCallLimit) : [first, first]
}

function stoppedAt(stopSequences: readonly string[], tokens: readonly string[]): Choice {
  const text = tokens.join('')
  const [found] = stopSequences
    .filter((sequence) => sequence !== '')
    .map((sequence) => ({ sequence, at: text.indexOf(sequence) }))
    .filter(({ at }) => at >= 0)
    .toSorted((one, other) => one.at - other.at)
  if (!found) return { blocks: [{ kind: 'text', tokens }], ended: 'end', stopSequence: undefined }
  const kept = tokensOf(text.slice(0, found.at))
  return { blocks: [{ kind: 'text', tokens: kept }], ended: 'stop-sequence', stopSequence: found.sequence }
}

function cutAt(maxTokens: number | undefined, choice: Choice): Choice {
  const total = choice.blocks.reduce((sum, block) => sum + outputTokensOf(block), 0)
  if (maxTokens === undefined || total <= maxTokens) return choice
  let left = maxTokens
  const blocks = choice.blocks.flatMap((block): AnswerBlock[] => {
    const overhead = outputTokensOf(block) - block.tokens.length
    if (left <= overhead) return []
    const tokens = block.tokens.slice(0, left - overhead)
    left -= overhead + tokens.length
    return [{ ...block, tokens }]
  })
  return { blocks, ended: 'length', stopSequence: undefined }
}
