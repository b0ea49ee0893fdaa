import { ChatAnthropic } from '@langchain/anthropic'
import type { AIMessage, AIMessageChunk } from '@langchain/core/messages'
import { ChatOpenAICompletions, ChatOpenAIResponses } from '@langchain/openai'
import type { SdkCase } from './cases.ts'
import { langChainPrompt } from './langchain-prompt.ts'
import { isRecord, member, plain, withoutStatus, type Driver, type Told, type ToldProblem } from './told.ts'

/**
 * `@langchain/openai`, over chat completions and Responses, and `@langchain/anthropic`, as a program uses them: a model with tools bound to
 * it, asked with messages. It names its messages itself where the provider gives no id, and does not tell the request's.
 */
export function langChainDriver(baseURL: string, apiKey: string): Driver {
  return {
    tellsRequestIds: false,
    ask: async (one) => {
      const { messages, tools } = langChainPrompt(one)
      const bound =
        tools.length > 0 ? modelFor(one, baseURL, apiKey).bindTools([...tools]) : modelFor(one, baseURL, apiKey)
      const pieces: unknown[] = []
      try {
        if (!one.isStream) pieces.push(pieceOf(await bound.invoke([...messages])))
        else for await (const chunk of await bound.stream([...messages])) pieces.push(pieceOf(chunk))
        return { ...told, pieces }
      } catch (thrown) {
        return { ...told, pieces, problem: problemOf(thrown) }
      }
    },
    wholeOf: () => Promise.reject(new Error('the SDK asks for usage itself: nothing is ever taken out')),
    className: (status) => (status === undefined ? 'APIError' : (classNames[status] ?? serverOrPlain(status))),
  }
}

const told: Told = { pieces: [], whole: undefined, problem: undefined, requestId: undefined }

/** `ChatOpenAI` chooses between the last two by the model's name. */
function modelFor(
  one: SdkCase,
  baseURL: string,
  apiKey: string,
): ChatAnthropic | ChatOpenAIResponses | ChatOpenAICompletions {
  const model = String(one.body['model'])
  const settings = { model, apiKey, maxRetries: 0 }
  if (one.api === 'messages') return new ChatAnthropic({ ...settings, anthropicApiUrl: baseURL, maxTokens: 2000 })
  const configuration = { baseURL }
  if (one.api === 'responses') return new ChatOpenAIResponses({ ...settings, configuration })
  return new ChatOpenAICompletions({ ...settings, configuration })
}

/** What a program reads of a message, or of a piece of one. */
function pieceOf(message: AIMessage | AIMessageChunk): unknown {
  const {
    content,
    tool_calls: calls,
    invalid_tool_calls: invalid,
    usage_metadata: tokens,
    response_metadata: ending,
  } = message
  const { additional_kwargs: more } = message
  const isEmpty = content.length === 0 && (calls ?? []).length + (invalid ?? []).length === 0
  const type = isEmpty && Object.keys(more).length === 0 ? 'opening' : message.type
  return plain({ type, content, calls, invalid, tokens, ending, more })
}

/** The SDKs below it are other copies of those that the tests have: their classes are known by their names. */
function problemOf(thrown: unknown): ToldProblem {
  const cause = member(thrown, 'cause') ?? thrown
  const error = member(cause, 'error')
  const said = member(error, 'error') ?? error
  const status = member(cause, 'status')
  const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown))
  const isOfProvider = cause instanceof Error && (isRecord(error) || Number(status) >= 400)
  return {
    name: isOfProvider ? cause.constructor.name : name,
    isOfProvider,
    status: typeof status === 'number' ? status : undefined,
    message: withoutStatus(messageIn(said) ?? message, typeof status === 'number' ? status : undefined),
    code: member(said, 'code'),
    type: member(said, 'type'),
    param: member(said, 'param'),
  }
}

/** In the body, since LangChain writes advice of its own behind what the error says. */
function messageIn(said: unknown): string | undefined {
  const message = member(said, 'message')
  return typeof message === 'string' ? message : undefined
}

const classNames: Readonly<Record<number, string>> = {
  400: 'BadRequestError',
  401: 'AuthenticationError',
  403: 'PermissionDeniedError',
  404: 'NotFoundError',
  409: 'ConflictError',
  422: 'UnprocessableEntityError',
  429: 'RateLimitError',
}

function serverOrPlain(status: number): string {
  return status >= 500 ? 'InternalServerError' : 'APIError'
}
