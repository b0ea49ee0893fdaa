import Anthropic, { APIError } from '@anthropic-ai/sdk'
import type { SdkCase } from './cases.ts'
import { member, plain, withoutStatus, type Driver, type Told, type ToldProblem } from './told.ts'

/** The `@anthropic-ai/sdk` package, as a program uses it: messages, unary and streaming with its own accumulation. */
export function anthropicDriver(baseURL: string, apiKey: string): Driver {
  // A timeout must be set: without one the SDK refuses long unary calls before it sends them.
  const client = new Anthropic({ baseURL, apiKey, authToken: null, maxRetries: 0, timeout: 30_000, logLevel: 'off' })
  return {
    ask: (one) => (one.isStream ? stream(client, one) : create(client, one)),
    wholeOf: () => Promise.reject(new Error('nothing is ever taken out of these streams')),
    className: (status) =>
      status === undefined ? APIError.name : APIError.generate(status, {}, '', new Headers()).constructor.name,
  }
}

// The bodies are as recorded, with betas and models that the SDK's types do not know: it passes them on.
type Body = Anthropic.MessageCreateParamsNonStreaming

async function create(client: Anthropic, one: SdkCase): Promise<Told> {
  const body = one.body as unknown as Body
  try {
    const { data, request_id: requestId } = await client.messages.create(body, optionsOf(one)).withResponse()
    return { pieces: [plain(data)], whole: undefined, problem: undefined, requestId: requestId ?? undefined }
  } catch (thrown) {
    return { pieces: [], whole: undefined, problem: problemOf(thrown), requestId: requestIdOf(thrown) }
  }
}

async function stream(client: Anthropic, one: SdkCase): Promise<Told> {
  const pieces: unknown[] = []
  const running = client.messages.stream(one.body as unknown as Body, optionsOf(one))
  // Copied at once: the SDK goes on to build its message in the first event's own object.
  running.on('streamEvent', (event) => pieces.push(plain(event)))
  try {
    const whole = plain(await running.finalMessage())
    return { pieces, whole, problem: undefined, requestId: running.request_id ?? undefined }
  } catch (thrown) {
    const requestId = running.request_id ?? requestIdOf(thrown)
    return { pieces, whole: undefined, problem: problemOf(thrown), requestId }
  }
}

function optionsOf(one: SdkCase): { headers?: Record<string, string> } {
  return one.betas === undefined ? {} : { headers: { 'anthropic-beta': one.betas } }
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
    message: withoutStatus(thrown.apiMessage ?? thrown.message, thrown.status),
    code: member(thrown.error, 'error', 'code'),
    type: thrown.type,
    param: member(thrown.error, 'error', 'param'),
  }
}

function requestIdOf(thrown: unknown): string | undefined {
  return thrown instanceof APIError ? (thrown.requestID ?? undefined) : undefined
}
