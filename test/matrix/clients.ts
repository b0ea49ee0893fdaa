import Anthropic from '@anthropic-ai/sdk'
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime'
import { GoogleGenAI } from '@google/genai'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import OpenAI from 'openai'
import type { JsonObject } from '../../src/canonical/json.ts'
import { byAnthropic } from '../journeys/translated/by-anthropic.ts'
import { byBedrock } from '../journeys/translated/by-bedrock.ts'
import { byGenAi } from '../journeys/translated/by-genai.ts'
import { byOpenAi } from '../journeys/translated/by-openai.ts'
import { byResponses } from '../journeys/translated/by-responses.ts'
import type { Reading } from '../journeys/translated/reading.ts'
import type { ClientDialect } from './cases.ts'

/**
 * A real SDK that asks with a body that was recorded: everything is the SDK's own but for the body, which is exchanged on its way
 * out. @returns `undefined` where the SDK reads no answer; what it throws is thrown.
 */
export type Ask = (model: string, body: JsonObject, isStream: boolean) => Promise<Reading | undefined>

/** What the tokens of an answer are taken for that tells none. */
export const untoldTokens = -1

export interface Clients {
  readonly ask: Readonly<Record<ClientDialect, Ask>>
  close(): void
}

/** @param origin of a gateway, or of a provider that is asked directly. */
export function openClients(origin: string, key: string): Clients {
  let leaving: JsonObject = {}
  const exchanged: typeof fetch = (url, init) => {
    const headers = new Headers(init?.headers)
    headers.delete('content-length')
    return fetch(url, { ...init, headers, body: JSON.stringify(leaving) })
  }
  const openai = new OpenAI({ apiKey: key, maxRetries: 0, baseURL: `${origin}/v1`, fetch: exchanged })
  const anthropic = new Anthropic({ apiKey: key, maxRetries: 0, baseURL: origin, fetch: exchanged })
  const google = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: origin, fetch: exchanged } })
  const aws = new BedrockRuntimeClient({
    endpoint: origin,
    region: 'us-east-1',
    requestHandler: new NodeHttpHandler(),
    token: { token: key },
    authSchemePreference: ['httpBearerAuth'],
    maxAttempts: 1,
  })
  aws.middlewareStack.add(
    (next) => async (args) => {
      const { request } = args
      if (isWithBody(request)) {
        request.body = JSON.stringify(leaving)
        request.headers['content-length'] = String(Buffer.byteLength(request.body))
      }
      return next(args)
    },
    { step: 'finalizeRequest', priority: 'low' },
  )
  const hello = { role: 'user' as const, content: 'hello' }
  const with_ =
    (ask: (model: string, isStream: boolean) => Promise<Reading | undefined>): Ask =>
    (model, body, isStream) => {
      leaving = body
      return ask(model, isStream)
    }
  return {
    ask: {
      'openai-chat': with_(async (model, isStream) => {
        if (isStream) leaving = { ...leaving, stream_options: { include_usage: true } }
        return (await byOpenAi(openai, model, { messages: [hello] }, isStream, untoldTokens))?.reading
      }),
      'anthropic-messages': with_(
        async (model, isStream) =>
          (await byAnthropic(anthropic, model, { max_tokens: 100, messages: [hello] }, isStream)).reading,
      ),
      'openai-responses': with_((model, isStream) => byResponses(openai, model, isStream, untoldTokens)),
      'gemini-generate': with_((model, isStream) => byGenAi(google, model, isStream)),
      'bedrock-converse': with_((model, isStream) =>
        byBedrock(aws, { modelId: model, messages: [{ role: 'user', content: [{ text: 'hello' }] }] }, isStream),
      ),
    },
    close: () => aws.destroy(),
  }
}

function isWithBody(value: unknown): value is { body: string; headers: Record<string, string> } {
  return typeof value === 'object' && value !== null && 'body' in value && 'headers' in value
}
