import { createOpenAI } from '@ai-sdk/openai'
import { streamText } from 'ai'
import OpenAI, { APIError } from 'openai'
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../canonical/error.ts'
import { openAiChat } from './index.ts'

const overloaded = new GatewayError('upstream_overloaded', 'the provider is overloaded: try later')
const chunk = {
  id: 'c',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: null }],
}
const streamed = `data: ${JSON.stringify(chunk)}\n\n${openAiChat.writeStreamProblem(overloaded, 'req_1')}`
const answerWith = (body: string, status: number, type: string) => () =>
  Promise.resolve(new Response(body, { status, headers: { 'content-type': type } }))

describe('errors of the chat dialect', () => {
  it('are in OpenAI’s envelope, with the kind as the code', () => {
    const problem = new GatewayError('invalid_request', 'n must be less', { param: 'n' })
    expect(openAiChat.writeProblem(problem, 'req_1')).toEqual({
      error: {
        message: 'n must be less',
        type: 'invalid_request_error',
        param: 'n',
        code: 'invalid_request',
        request_id: 'req_1',
      },
    })
  })

  it('the openai SDK throws its own class, with type and code', async () => {
    const body = JSON.stringify(openAiChat.writeProblem(new GatewayError('budget_exceeded', 'spent'), 'req_1'))
    const client = new OpenAI({ apiKey: 'k', maxRetries: 0, fetch: answerWith(body, 429, 'application/json') })
    const thrown: unknown = await client.chat.completions
      .create({ model: 'm', messages: [] })
      .catch((error: unknown) => error)
    expect(thrown).toBeInstanceOf(APIError)
    expect(thrown).toMatchObject({
      status: 429,
      code: 'budget_exceeded',
      type: 'insufficient_quota',
      message: '429 spent',
    })
  })

  it('S1 the openai SDK throws on one inside a stream, after the content before it', async () => {
    const client = new OpenAI({ apiKey: 'k', maxRetries: 0, fetch: answerWith(streamed, 200, 'text/event-stream') })
    const stream = await client.chat.completions.create({ model: 'm', messages: [], stream: true })
    const contents: unknown[] = []
    const read = async () => {
      for await (const part of stream) contents.push(part.choices[0]?.delta.content)
    }
    const thrown: unknown = await read().catch((error: unknown) => error)
    expect(contents).toEqual(['Hi'])
    expect(thrown).toBeInstanceOf(APIError)
    expect(thrown).toMatchObject({ code: 'upstream_overloaded', type: 'server_error' })
  })

  it('S1 the AI SDK tells one inside a stream as an error, not as an end', async () => {
    const provider = createOpenAI({ apiKey: 'k', fetch: answerWith(streamed, 200, 'text/event-stream') })
    const errors: unknown[] = []
    const { fullStream } = streamText({
      model: provider.chat('m'),
      prompt: 'hi',
      maxRetries: 0,
      onError: ({ error }) => void errors.push(error),
    })
    const types: string[] = []
    for await (const part of fullStream) types.push(part.type)
    expect(types).toContain('error')
    expect(JSON.stringify(errors)).toContain('upstream_overloaded')
  })
})
