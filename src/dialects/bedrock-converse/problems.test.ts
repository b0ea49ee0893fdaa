import { describe, expect, it } from 'vitest'
import { bedrockConverse } from './index.ts'

const headers = (type: string) => (name: string) => (name === 'x-amzn-errortype' ? type : undefined)

describe('an error of Bedrock', () => {
  it.each([
    [400, 'ValidationException', 'The provided model identifier is invalid.', 'model_not_found'],
    [400, 'ValidationException', 'Malformed input request: #/messages/2: extraneous key', 'upstream_rejected'],
    [400, 'ValidationException', 'Input Tokens Exceeded: Number of input tokens exceeds', 'context_length_exceeded'],
    [400, 'ValidationException', 'Input is too long for requested model.', 'context_length_exceeded'],
    [400, 'ServiceQuotaExceededException', 'You have reached your quota.', 'upstream_rate_limited'],
    [403, 'ExpiredTokenException', 'The security token included in the request is expired', 'upstream_credential'],
    [403, 'AccessDeniedException', 'You don’t have access to the model.', 'upstream_credential'],
    [404, 'ResourceNotFoundException', 'This model version has reached its end of life.', 'model_not_found'],
    [408, 'ModelTimeoutException', 'The model took too long.', 'upstream_timeout'],
    [424, 'ModelErrorException', 'The model failed.', 'upstream_unavailable'],
    [429, 'ThrottlingException', 'Too many requests, please wait.', 'upstream_rate_limited'],
    [429, 'ModelNotReadyException', 'The model is not ready.', 'upstream_overloaded'],
    [500, 'InternalServerException', 'It broke.', 'upstream_unavailable'],
    [503, 'ServiceUnavailableException', 'Try again.', 'upstream_overloaded'],
  ])('%i %s, %s, is %s, by the header as by the body', (status, type, message, kind) => {
    const inHeader = headers(`${type}:http://internal.amazon.com/coral/com.amazon.bedrock/`)
    const told = bedrockConverse.readProblem(status, { message }, inHeader)
    expect([told.kind, told.providerCode]).toEqual([kind, type])
    const body = { __type: `com.amazon.coral.service#${type}`, Message: message }
    expect(bedrockConverse.readProblem(status, body)).toEqual(told)
    if (kind === 'upstream_unavailable') expect(told.message).toMatch(/^the provider failed/)
    else if (kind !== 'upstream_credential') expect(told.message).toBe(message)
  })

  it('without a type is judged by its status and its words, and one that is no JSON by its status', () => {
    expect(bedrockConverse.readProblem(429, { message: 'slow' }).kind).toBe('upstream_rate_limited')
    expect(bedrockConverse.readProblem(503, undefined).kind).toBe('upstream_overloaded')
    expect(bedrockConverse.readProblem(503, undefined, headers('ThrottlingException')).kind).toBe(
      'upstream_rate_limited',
    )
  })

  it.each([
    ['throttlingException', { message: 'slow' }, 'upstream_rate_limited', 'ThrottlingException'],
    [
      'modelStreamErrorException',
      { message: 'It broke.', originalStatusCode: 500 },
      'upstream_unavailable',
      'ModelStreamErrorException',
    ],
    ['validationException', { message: 'Bad.' }, 'upstream_rejected', 'ValidationException'],
    ['serviceUnavailableException', { message: 'Later.' }, 'upstream_overloaded', 'ServiceUnavailableException'],
    ['error', { code: 'InternalError', message: 'It broke.' }, 'upstream_unavailable', 'InternalError'],
  ])('inside a stream, %s %j, is %s', (event, body, kind, providerCode) => {
    const reader = bedrockConverse.openStream(bedrockConverse.readCall({ model: 'm' }))
    expect(reader.read(event, Buffer.from(JSON.stringify(body)))).toBe('error')
    const message = kind === 'upstream_unavailable' ? 'the provider failed' : body.message
    expect(reader.facts().problem).toMatchObject({ kind, providerCode, message })
  })

  it('in place of an answer, under a success status, is an error', () => {
    const body = { Output: { __type: 'com.amazon.coral.service#UnknownOperationException' }, Version: '1.0' }
    expect(bedrockConverse.readReply(body).problem?.kind).toBe('upstream_invalid')
    const typed = { __type: 'ThrottlingException', message: 'slow' }
    expect(bedrockConverse.readReply(typed).problem?.kind).toBe('upstream_rate_limited')
  })
})
