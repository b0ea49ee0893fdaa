import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import { APICallError, generateText, streamText, type LanguageModel } from 'ai'
import { aiPrompt, type AiPrompt } from './ai-prompt.ts'
import type { SdkCase } from './cases.ts'
import { isRecord, member, plain, type Driver, type Told, type ToldProblem } from './told.ts'

/**
 * The `ai` package over `@ai-sdk/openai` (its chat models, and those of Responses, its default), `@ai-sdk/anthropic` and
 * `@ai-sdk/google`, as a program uses them. It makes up ids at random where the provider gives none: they are told as made up.
 */
export function aiDriver(baseURL: string, apiKey: string): Driver {
  const openai = createOpenAI({ baseURL, apiKey })
  const anthropic = createAnthropic({ baseURL, apiKey })
  const google = createGoogleGenerativeAI({ baseURL, apiKey })
  const modelFor = (one: SdkCase): LanguageModel => {
    const modelName = String(one.body['model'])
    if (one.api === 'messages') return anthropic(modelName)
    if (one.api === 'generate') return google(modelName)
    return one.api === 'chat' ? openai.chat(modelName) : openai(modelName)
  }
  // Warnings are part of what is compared; they need not be printed as well.
  globalThis.AI_SDK_LOG_WARNINGS = false
  return {
    ask: async (one) => {
      const settings = { ...aiPrompt(one, anthropic), model: modelFor(one), maxRetries: 0 }
      const told = await (one.isStream ? stream(settings) : generate(settings))
      const answer = one.answer.body.toString('utf8')
      return { ...told, pieces: told.pieces.map((piece) => named(piece, answer)), whole: named(told.whole, answer) }
    },
    wholeOf: () => Promise.reject(new Error('the SDK asks for usage itself: nothing is ever taken out')),
    className: (status) => (status === undefined ? inBand : APICallError.name),
  }
}

interface Settings extends AiPrompt {
  readonly model: LanguageModel
  readonly maxRetries: number
}

const inBand = 'an error part'

async function generate(settings: Settings): Promise<Told> {
  try {
    const result = await generateText(settings)
    return { pieces: [plain(wholeOf(result))], whole: undefined, problem: undefined, requestId: idIn(result.response) }
  } catch (thrown) {
    return { pieces: [], whole: undefined, problem: problemOf(thrown), requestId: idIn(thrown) }
  }
}

async function stream(settings: Settings): Promise<Told> {
  let problem: ToldProblem | undefined
  let requestId: string | undefined
  const pieces: unknown[] = []
  // Errors are told as parts; the default would print them as well.
  const result = streamText({ ...settings, onError: () => undefined })
  for await (const part of result.fullStream) {
    if (part.type === 'error') {
      problem ??= problemOf(part.error)
      requestId ??= idIn(part.error)
    } else if (part.type === 'finish-step') requestId ??= idIn(part.response)
    else if (!frame.has(part.type)) pieces.push(plain(part))
  }
  if (problem) return { pieces, whole: undefined, problem, requestId }
  const whole = {
    text: await result.text,
    reasoningText: await result.reasoningText,
    toolCalls: await result.toolCalls,
    sources: await result.sources,
    files: await result.files,
    finishReason: await result.finishReason,
    rawFinishReason: await result.rawFinishReason,
    usage: await result.usage,
    warnings: await result.warnings,
    providerMetadata: await result.providerMetadata,
  }
  return { pieces, whole: plain(whole), problem, requestId }
}

/** Parts that only frame the others, with times, headers and the request. */
const frame: ReadonlySet<string> = new Set(['start', 'start-step', 'finish', 'raw', 'abort'])

function wholeOf(result: Awaited<ReturnType<typeof generateText>>): object {
  const { content, text, reasoningText, toolCalls, sources, files, finishReason, rawFinishReason } = result
  const { usage, warnings, providerMetadata } = result
  const generated = { content, text, reasoningText, toolCalls, sources, files }
  return { ...generated, finishReason, rawFinishReason, usage, warnings, providerMetadata }
}

/** Ids that are not in the answer are the SDK's own invention. */
function named(value: unknown, answer: string): unknown {
  if (Array.isArray(value)) return value.map((one) => named(one, answer))
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const isMadeUp = typeof inner === 'string' && madeUpId.test(inner) && !answer.includes(inner)
      return [key, isMadeUp && /^(?:id|toolCallId)$/.test(key) ? 'made up' : named(inner, answer)]
    }),
  )
}

/** As the SDK's `generateId` makes them. */
const madeUpId = /^[A-Za-z0-9]{16}$/

function problemOf(thrown: unknown): ToldProblem {
  if (APICallError.isInstance(thrown)) {
    const said = bodyOf(thrown.responseBody)
    const error = isRecord(said) && isRecord(said['error']) ? said['error'] : said
    return {
      name: APICallError.name,
      // The SDK says it so, too, when it cannot make sense of an answer that came well.
      isOfProvider: (thrown.statusCode ?? 500) >= 400,
      status: thrown.statusCode,
      message: thrown.message,
      ...wordsOf(error),
    }
  }
  const { name, message } =
    thrown instanceof Error ? thrown : { name: inBand, message: String(member(thrown, 'message')) }
  const isOwn = thrown instanceof Error && name !== 'AI_StreamProviderError'
  const data = member(thrown, 'data') ?? thrown
  // Of Responses, whose errors stand in an envelope.
  const said = member(data, 'type') === 'error' && isRecord(member(data, 'error')) ? member(data, 'error') : data
  return {
    name: isOwn ? name : inBand,
    isOfProvider: !isOwn,
    status: undefined,
    message,
    ...wordsOf(said),
  }
}

/** Google's envelope has its words in a list of details, and as `code` the status. */
function wordsOf(error: unknown): Pick<ToldProblem, 'code' | 'type' | 'param'> {
  const details = member(error, 'details')
  const [detail]: readonly unknown[] = Array.isArray(details) ? details : []
  const reason = member(detail, 'reason')
  if (reason !== undefined) return { code: reason, type: undefined, param: member(detail, 'metadata', 'field') }
  return { code: member(error, 'code'), type: member(error, 'type'), param: member(error, 'param') }
}

function bodyOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined
    throw thrown
  }
}

function idIn(holder: unknown): string | undefined {
  const id = member(holder, 'headers', 'x-request-id') ?? member(holder, 'responseHeaders', 'x-request-id')
  return typeof id === 'string' ? id : undefined
}
