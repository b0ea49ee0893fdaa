import { createAnthropic } from '@ai-sdk/anthropic'
import Anthropic, { APIError } from '@anthropic-ai/sdk'
import { streamText } from 'ai'
import { describe, expect, it } from 'vitest'
import { asGatewayError, GatewayError } from '../../canonical/error.ts'
import { writeProblem, writeStreamProblem } from './envelope.ts'
import { readCall } from './read-call.ts'

const overloaded = new GatewayError('upstream_overloaded', 'the provider is overloaded: try later')
const frame = (type: string, members: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`
const usage = { input_tokens: 1, output_tokens: 1 }
const message = {
  id: 'm',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage,
}
const streamed = [
  frame('message_start', { message }),
  frame('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  frame('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Hi' } }),
  writeStreamProblem(overloaded, 'req_1'),
].join('')
const answerWith = (body: string, status: number, type: string) => () =>
  Promise.resolve(new Response(body, { status, headers: { 'content-type': type } }))

function refusalOf(read: () => unknown): GatewayError {
  try {
    read()
  } catch (thrown) {
    return asGatewayError(thrown)
  }
  throw new Error('the call was not refused')
}

describe('errors of the messages dialect', () => {
  it('are in Anthropic’s envelope, with the kind as the code', () => {
    const problem = new GatewayError('invalid_request', 'max_tokens must be less', { param: 'max_tokens' })
    expect(writeProblem(problem, 'req_1')).toEqual({
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message: 'max_tokens must be less',
        code: 'invalid_request',
        param: 'max_tokens',
      },
      request_id: 'req_1',
    })
    expect(writeProblem(overloaded, 'req_1')['error']).not.toHaveProperty('param')
  })

  it('say of a thread that none is kept, in the words on which clients go on without one', () => {
    const refused = refusalOf(() => readCall({ model: 'm', messages: [], thread: { type: 'create' } }))
    expect(writeProblem(refused, 'req_1')).toMatchObject({
      error: {
        type: 'invalid_request_error',
        code: 'unsupported',
        param: 'thread',
        details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] },
      },
    })
    const other = refusalOf(() => readCall({ model: 'm', messages: [], fallbacks: [{}] }))
    expect(writeProblem(other, 'req_1')['error']).not.toHaveProperty('details')
  })

  it('the Anthropic SDK throws its own class, with the type', async () => {
    const body = JSON.stringify(writeProblem(new GatewayError('budget_exceeded', 'spent'), 'req_1'))
    const client = new Anthropic({ apiKey: 'k', maxRetries: 0, fetch: answerWith(body, 429, 'application/json') })
    const asked = client.messages.create({ model: 'm', max_tokens: 1, messages: [] })
    const thrown: unknown = await asked.catch((error: unknown) => error)
    expect(thrown).toBeInstanceOf(APIError)
    expect(thrown).toMatchObject({
      status: 429,
      type: 'rate_limit_error',
      error: { error: { code: 'budget_exceeded' } },
    })
  })

  it('S1 the Anthropic SDK throws on one inside a stream, after the content before it', async () => {
    const client = new Anthropic({ apiKey: 'k', maxRetries: 0, fetch: answerWith(streamed, 200, 'text/event-stream') })
    const stream = await client.messages.create({ model: 'm', max_tokens: 1, messages: [], stream: true })
    const types: string[] = []
    const read = async () => {
      for await (const event of stream) types.push(event.type)
    }
    const thrown: unknown = await read().catch((error: unknown) => error)
    expect(types).toEqual(['message_start', 'content_block_start', 'content_block_delta'])
    expect(thrown).toBeInstanceOf(APIError)
    expect(thrown).toMatchObject({ type: 'overloaded_error', error: { error: { code: 'upstream_overloaded' } } })
  })

  it('S1 the AI SDK tells one inside a stream as an error, not as an end', async () => {
    const provider = createAnthropic({ apiKey: 'k', fetch: answerWith(streamed, 200, 'text/event-stream') })
    const errors: unknown[] = []
    const { fullStream } = streamText({
      model: provider('claude-sonnet-4-5'),
      maxOutputTokens: 5,
      prompt: 'hi',
      maxRetries: 0,
      onError: ({ error }) => void errors.push(error),
    })
    const types: string[] = []
    for await (const part of fullStream) types.push(part.type)
    expect(types).toContain('error')
    expect(errors).not.toEqual([])
  })
})
