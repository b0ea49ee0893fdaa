import type { JsonObject } from '../canonical/json.ts'
import type { Losses } from '../canonical/loss.ts'
import { edit } from '../canonical/origin.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { AnswerSettings, OneAnswerTranslation } from '../dialects/translation.ts'

/** Between two dialects of an operation that is one question and one answer. */
export interface Retelling {
  /** A call of the client's, for the provider. */
  question(body: JsonObject, modelName: string, losses: Losses): JsonObject
  /** The provider's answer to it, for the client. */
  answer(body: JsonObject, question: JsonObject, losses: Losses, settings: AnswerSettings): JsonObject
}

/** @returns `undefined` where the two have no such operation in common. */
export function retellingOf(client: Dialect, provider: Dialect): Retelling | undefined {
  if (client.embeddings && provider.embeddings)
    return retelling(client.embeddings, provider.embeddings, (question, modelName) => edit(question, { modelName }))
  if (client.rerank && provider.rerank)
    return retelling(client.rerank, provider.rerank, (question, modelName) => edit(question, { modelName }))
  return undefined
}

/**
 * Whether a client of the one can be served by a provider of the other. None by one of completions: a conversation is not put to a
 * model that goes on with texts.
 */
export function canRetell(client: Dialect, provider: Dialect): boolean {
  if (client.translation && provider.translation) return !provider.translation.isTextOnly
  return retellingOf(client, provider) !== undefined
}

function retelling<Question, Answer>(
  client: OneAnswerTranslation<Question, Answer>,
  provider: OneAnswerTranslation<Question, Answer>,
  renamed: (question: Question, modelName: string) => Question,
): Retelling {
  return {
    question: (body, modelName, losses) =>
      provider.writeQuestion(renamed(client.readQuestion(body), modelName), losses),
    answer: (body, question, losses, settings) =>
      client.writeAnswer(provider.readAnswer(body), client.readQuestion(question), losses, settings),
  }
}
