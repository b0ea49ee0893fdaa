import type { Clock } from '../../canonical/clock.ts'
import { isJsonObject, type Json } from '../../canonical/json.ts'
import { answersTo, outputTokensOf, type Choice } from './answer.ts'
import type { Behaviour } from './behaviour.ts'
import { answerEmbeddings } from './embeddings.ts'
import { problemBody, type Tongue } from './problem-body.ts'
import type { InputCount, PromptCache } from './prompt-cache.ts'
import type { Question } from './question.ts'
import { promptPart } from './read-body.ts'
import { readChat } from './read-chat.ts'
import { readGenerate } from './read-generate.ts'
import { readMessages } from './read-messages.ts'
import { readResponses } from './read-responses.ts'
import type { ResponseMemory } from './response-memory.ts'
import type { Script } from './script.ts'
import { chatScript } from './write-chat.ts'
import { generateScript } from './write-generate.ts'
import { messagesScript } from './write-messages.ts'
import { responsesScript } from './write-responses.ts'

export interface ReplyParts {
  readonly clock: Clock
  readonly seed: number
  readonly promptCache: PromptCache
  readonly responseMemory: ResponseMemory
}

/** What is answered to a body, not yet played. */
export interface Reply {
  readonly behaviour: Behaviour
  readonly isStream: boolean
  readonly script: Script
  readonly outputTokens: number
  /** Counts the input, once it is sure that the call is served: only then is a prompt cached, or a response kept. */
  count(): InputCount
}

/** What is spoken at a path. */
export interface Answerer {
  readonly tongue: Tongue
  /** The model that the path names, where it stands there. */
  readonly modelName?: string
  /** Throws `Refusal` for a body that it cannot answer. */
  answer(body: Json, parts: ReplyParts, id: string): Reply
}

/** `undefined`: nothing is spoken there. */
export function answererAt(path: string): Answerer | undefined {
  const [, encodedName, method] = generatePath.exec(path) ?? []
  const modelName = encodedName === undefined ? undefined : decoded(encodedName)
  if (modelName !== undefined) return generateAnswerer(modelName, method === 'streamGenerateContent')
  return Object.hasOwn(answerers, path) ? answerers[path] : undefined
}

function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name)
  } catch (thrown) {
    if (thrown instanceof URIError) return undefined
    throw thrown
  }
}

const generatePath = /^\/v1(?:beta|alpha)?\/models\/(.+):(generateContent|streamGenerateContent)$/

const answerers: Readonly<Record<string, Answerer>> = {
  '/v1/chat/completions': {
    tongue: 'openai',
    answer: (body, parts, id) => {
      const question = readChat(body)
      return converse(question, parts, (choices, input) =>
        chatScript(question, choices, input, id, parts.clock.nowMs()),
      )
    },
  },
  '/v1/responses': {
    tongue: 'openai',
    answer: (body, parts, id) => {
      const asked = readResponses(body, parts.responseMemory.recall)
      const keep = ([{ blocks } = nothing]: readonly Choice[]): void => {
        const answered = blocks.map(({ tokens }) => promptPart(tokens.join(''), undefined, tokens.length))
        parts.responseMemory.keep(`resp_${id}`, [...asked.conversation, ...answered])
      }
      return converse(
        asked.question,
        parts,
        ([first = nothing], input) => responsesScript(asked, first, input, id, parts.clock.nowMs()),
        asked.isStored ? keep : undefined,
      )
    },
  },
  '/v1/messages': {
    tongue: 'anthropic',
    answer: (body, parts, id) => {
      const question = readMessages(body)
      return converse(question, parts, ([first = nothing], input) => messagesScript(question, first, input, id))
    },
  },
  '/v1/messages/count_tokens': {
    tongue: 'anthropic',
    answer: (body, _parts, id) => {
      // It takes the body of messages but for what says how much to write.
      const asked = readMessages(isJsonObject(body) ? { ...body, max_tokens: 1 } : body)
      const counted = asked.prompt.reduce((sum, { tokens }) => sum + tokens, 0)
      const errorBody = problemBody('anthropic', 500, 'the simulated provider was asked to fail', id)
      const script: Script = { body: () => ({ input_tokens: counted }), events: () => [], errorEvent: '', errorBody }
      return { behaviour: asked.behaviour, isStream: false, script, outputTokens: 0, count: () => nothingCounted }
    },
  },
  '/v1/embeddings': {
    tongue: 'openai',
    answer: (body, _parts, id) => {
      const { behaviour, inputTokens, body: answer } = answerEmbeddings(body)
      const errorBody = problemBody('openai', 500, 'the simulated provider was asked to fail', id)
      const script: Script = { body: () => answer, events: () => [], errorEvent: '', errorBody }
      const input = { uncached: inputTokens, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 }
      return { behaviour, isStream: false, script, outputTokens: 0, count: () => input }
    },
  },
}

const nothingCounted: InputCount = { uncached: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 }
const nothing: Choice = { blocks: [], ended: 'end', stopSequence: undefined }

function generateAnswerer(modelName: string, isStream: boolean): Answerer {
  return {
    tongue: 'google',
    modelName,
    answer: (body, parts, id) => {
      const question = readGenerate(body, modelName, isStream)
      return converse(question, parts, (choices, input) => generateScript(question, choices, input, id))
    },
  }
}

function converse(
  question: Question,
  parts: ReplyParts,
  scriptOf: (choices: readonly Choice[], input: () => InputCount) => Script,
  whenServed: (choices: readonly Choice[]) => void = () => undefined,
): Reply {
  const choices = answersTo(question, parts.seed)
  let input = nothingCounted
  return {
    behaviour: question.behaviour,
    isStream: question.isStream,
    script: scriptOf(choices, () => input),
    outputTokens: choices.flatMap(({ blocks }) => blocks).reduce((sum, block) => sum + outputTokensOf(block), 0),
    count: () => {
      whenServed(choices)
      input = parts.promptCache.count(question.baseName, question.prompt)
      return input
    },
  }
}
