import type { Clock } from '../../canonical/clock.ts'
import type { Json } from '../../canonical/json.ts'
import { answersTo, outputTokensOf } from './answer.ts'
import type { Behaviour } from './behaviour.ts'
import { answerEmbeddings } from './embeddings.ts'
import { problemBody, type Tongue } from './problem-body.ts'
import type { InputCount, PromptCache } from './prompt-cache.ts'
import type { Question } from './question.ts'
import { readChat } from './read-chat.ts'
import { readMessages } from './read-messages.ts'
import type { Script } from './script.ts'
import { chatScript } from './write-chat.ts'
import { messagesScript } from './write-messages.ts'

export interface ReplyParts {
  readonly clock: Clock
  readonly seed: number
  readonly promptCache: PromptCache
}

/** What is answered to a body, not yet played. */
export interface Reply {
  readonly behaviour: Behaviour
  readonly isStream: boolean
  readonly script: Script
  readonly outputTokens: number
  /** Counts the input, once it is sure that the call is served: only then is a prompt cached. */
  count(): InputCount
}

/** By path. Each throws `Refusal` for a body that it cannot answer. */
export const answerers: Readonly<Record<string, (body: Json, parts: ReplyParts, id: string) => Reply>> = {
  '/v1/chat/completions': (body, parts, id) => converse(readChat(body), 'openai', parts, id),
  '/v1/messages': (body, parts, id) => converse(readMessages(body), 'anthropic', parts, id),
  '/v1/embeddings': (body, _parts, id) => {
    const { behaviour, inputTokens, body: answer } = answerEmbeddings(body)
    const errorBody = problemBody('openai', 500, 'the simulated provider was asked to fail', id)
    const script: Script = { body: () => answer, events: () => [], errorEvent: '', errorBody }
    const input = { uncached: inputTokens, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 }
    return { behaviour, isStream: false, script, outputTokens: 0, count: () => input }
  },
}

function converse(question: Question, tongue: Tongue, parts: ReplyParts, id: string): Reply {
  const choices = answersTo(question, parts.seed)
  let input: InputCount = { uncached: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 }
  const [first = { blocks: [], ended: 'end', stopSequence: undefined }] = choices
  return {
    behaviour: question.behaviour,
    isStream: question.isStream,
    script:
      tongue === 'openai'
        ? chatScript(question, choices, () => input, id, parts.clock.nowMs())
        : messagesScript(question, first, () => input, id),
    outputTokens: choices.flatMap(({ blocks }) => blocks).reduce((sum, block) => sum + outputTokensOf(block), 0),
    count: () => (input = parts.promptCache.count(question.baseName, question.prompt)),
  }
}
