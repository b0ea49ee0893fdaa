import type { Call } from '../../canonical/call.ts'
import type { JsonObject } from '../../canonical/json.ts'
import { CountReader } from './counts.ts'
import type { ChatDialect, Dialect } from '../dialect.ts'
import { oneAnswer, readOneAnswer } from './one-answer/one-answer.ts'

/** What counting tokens in a dialect differs by from asking in it. */
export interface TokenCount
  extends Pick<Dialect, 'name'>, Partial<Pick<Dialect, 'address' | 'upstreamEdits' | 'isFreeForm'>> {
  /** The call that is counted, of a body that holds it. Absent: the body itself. */
  counted?(body: JsonObject): JsonObject
  /** Where in the body that call stands, with the point behind it. Absent: it is the body itself. */
  pathOf?(body: JsonObject): string
  /** Where an answer tells the count. */
  readonly countKey: string
  /** What an answer says besides. */
  readonly about?: JsonObject
}

/**
 * Counting the tokens of a call in a chat dialect's own shape. The body is read as the call is, so that state that a provider keeps
 * is found and pinned here too; nothing is generated, and nothing billed.
 */
export function tokenCount(
  chat: ChatDialect,
  { counted = (body) => body, pathOf = () => '', countKey, about, ...parts }: TokenCount,
): Dialect {
  const { isFreeForm, kept, upstreamEdits, writeProblem, writeStreamProblem, writeLimits, translation } = chat
  const dialect = oneAnswer({
    isFreeForm,
    ...(kept && { kept: parts.isFreeForm ? { ...kept, isPassedOver: parts.isFreeForm } : kept }),
    upstreamEdits,
    writeProblem,
    writeStreamProblem,
    writeLimits,
    ...parts,
    operation: 'count-tokens',
    read: (body) => wordsOf(chat.readCall(counted(body))),
    readReply: (body) =>
      readOneAnswer(body, {
        what: 'count of tokens',
        isAnswer: (reply) => new CountReader().count(reply, countKey) !== undefined,
        // Counting is free of charge.
        usageOf: () => undefined,
      }),
  })
  return {
    ...dialect,
    counts: (body) => ({ chat: translation.readChat(counted(body)), path: pathOf(body) }),
    writeCount: (tokens) => ({ ...about, [countKey]: tokens }),
  }
}

function wordsOf({ modelName, endUser, needs, state }: Call): Partial<Call> {
  return { modelName, endUser, needs, ...(state && { state }) }
}
