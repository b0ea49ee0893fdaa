import { describe, expect, it } from 'vitest'
import { endpointAt } from './endpoints.ts'
import { noEndpoint } from './unserved-paths.ts'

describe('a path that is not served', () => {
  it.each([
    ['/v1/chat', 'cohere-chat', '/v2/chat'],
    ['/v1/embed', 'cohere-embeddings', '/v2/embed'],
    ['/api/generate', 'ollama-chat', '/api/chat'],
    ['/api/embed', 'ollama-chat', '/v1/embeddings'],
    ['/v1/complete', 'anthropic-messages', '/v1/messages'],
    ['/v1/assistants', 'openai-chat', '/v1/responses'],
  ] as const)('%s tells its clients, in %s, which is served', (path, dialect, instead) => {
    const told = noEndpoint(path, 'openai-chat')
    expect(told.dialect).toBe(dialect)
    expect(told.problem.kind).toBe('endpoint_not_found')
    expect(told.problem.message).toContain(`"${path}"`)
    expect(told.problem.message).toContain(`use ${instead}`)
    expect([endpointAt(path, ''), endpointAt(instead, '')?.endpoint.path]).toEqual([undefined, instead])
  })

  it('names the way to Bedrock’s models for every model', () => {
    for (const path of ['/model/amazon.titan-tg1-large/invoke', '/model/m/invoke-with-response-stream'])
      expect(noEndpoint(path, 'openai-chat')).toMatchObject({ dialect: 'bedrock-converse' })
  })

  it('and that nobody knows is no endpoint, in the words of the caller', () => {
    expect(noEndpoint('/v1/nothing', 'cohere-chat')).toMatchObject({
      dialect: 'cohere-chat',
      problem: { message: 'there is no endpoint "/v1/nothing"' },
    })
  })

  it.each([
    ['/chat/completions', '/v1/chat/completions'],
    ['/models', '/v1/models'],
    ['/v1/v1/messages', '/v1/messages'],
    ['/v1/v1beta/models/m:generateContent', '/v1beta/models/m:generateContent'],
    ['/openai/v1/responses', '/v1/responses'],
  ])('%s tells whose base URL is wrong which path it may have meant', (path, meant) => {
    expect(noEndpoint(path, 'openai-chat').problem.message).toBe(
      `there is no endpoint "${path}"; for "${meant}", change the client's base URL`,
    )
  })
})
