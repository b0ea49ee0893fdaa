import OpenAI, { APIError } from 'openai'
import { ChatCompletionStream } from 'openai/lib/ChatCompletionStream'
import type { SdkCase } from './cases.ts'
import { plain, withoutStatus, type Driver, type Told, type ToldProblem } from './told.ts'

/** The `openai` package, as a program uses it: chat completions and responses, unary and streaming, and embeddings. */
export function openAiDriver(baseURL: string, apiKey: string): Driver {
  const client = new OpenAI({ baseURL, apiKey, maxRetries: 0, timeout: 30_000, logLevel: 'off' })
  return {
    ask: async (one) => {
      try {
        if (one.api === 'embeddings') return await embed(client, one)
        if (one.api === 'responses') return await (one.isStream ? respondInPieces(client, one) : respond(client, one))
        return one.isStream ? await stream(client, one) : await create(client, one)
      } catch (thrown) {
        return { pieces: [], whole: undefined, problem: problemOf(thrown), requestId: requestIdOf(thrown) }
      }
    },
    wholeOf: async (_one, pieces) =>
      await putTogether(new Blob(pieces.map((piece) => `${JSON.stringify(piece)}\n`)).stream()),
    className: (status) =>
      status === undefined
        ? APIError.name
        : APIError.generate(status, { error: {} }, '', new Headers()).constructor.name,
  }
}

// The bodies are as recorded, with fields of other providers that the SDK's types do not know: it passes them on.
type ChatBody = OpenAI.Chat.ChatCompletionCreateParamsNonStreaming
type ResponseBody = OpenAI.Responses.ResponseCreateParamsNonStreaming
type EmbeddingBody = OpenAI.EmbeddingCreateParams

async function create(client: OpenAI, one: SdkCase): Promise<Told> {
  const body = one.body as unknown as ChatBody
  const { data, request_id: requestId } = await client.chat.completions.create(body).withResponse()
  return { pieces: [plain(data)], whole: undefined, problem: undefined, requestId: requestId ?? undefined }
}

async function respond(client: OpenAI, one: SdkCase): Promise<Told> {
  const body = one.body as unknown as ResponseBody
  const { data, request_id: requestId } = await client.responses.create(body).withResponse()
  return { pieces: [plain(data)], whole: undefined, problem: undefined, requestId: requestId ?? undefined }
}

/** The last event holds the whole response. */
async function respondInPieces(client: OpenAI, one: SdkCase): Promise<Told> {
  const body = { ...(one.body as unknown as ResponseBody), stream: true } as const
  const { data, request_id: requestId } = await client.responses.create(body).withResponse()
  const pieces: unknown[] = []
  let problem: ToldProblem | undefined
  try {
    for await (const event of data) pieces.push(plain(event))
  } catch (thrown) {
    problem = problemOf(thrown)
  }
  return { pieces, whole: undefined, problem, requestId: requestId ?? undefined }
}

async function embed(client: OpenAI, one: SdkCase): Promise<Told> {
  const body = one.body as unknown as EmbeddingBody
  const { data, request_id: requestId } = await client.embeddings.create(body).withResponse()
  return { pieces: [plain(data)], whole: undefined, problem: undefined, requestId: requestId ?? undefined }
}

async function stream(client: OpenAI, one: SdkCase): Promise<Told> {
  const body = { ...(one.body as unknown as ChatBody), stream: true } as const
  const { data, request_id: requestId } = await client.chat.completions.create(body).withResponse()
  const [chunks, copy] = data.tee()
  const whole = putTogether(copy.toReadableStream())
  const pieces: unknown[] = []
  let problem: ToldProblem | undefined
  try {
    for await (const chunk of chunks) pieces.push(plain(chunk))
  } catch (thrown) {
    problem = problemOf(thrown)
  }
  const last = await whole
  return { pieces, whole: problem ? undefined : last, problem, requestId: requestId ?? undefined }
}

/** The SDK's own accumulation. It objects to some answers, such as one without content: then its objection is the outcome. */
async function putTogether(lines: ReadableStream): Promise<unknown> {
  try {
    return plain(await ChatCompletionStream.fromReadableStream(lines).finalChatCompletion())
  } catch (thrown) {
    return { objection: plain(thrown) }
  }
}

function problemOf(thrown: unknown): ToldProblem {
  if (!(thrown instanceof APIError)) {
    const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown))
    const none = undefined
    return { name, isOfProvider: false, status: none, message, code: none, type: none, param: none }
  }
  return {
    name: thrown.constructor.name,
    isOfProvider: true,
    status: thrown.status,
    message: withoutStatus(thrown.message, thrown.status),
    code: thrown.code,
    type: thrown.type,
    param: thrown.param,
  }
}

function requestIdOf(thrown: unknown): string | undefined {
  return thrown instanceof APIError ? (thrown.requestID ?? undefined) : undefined
}
