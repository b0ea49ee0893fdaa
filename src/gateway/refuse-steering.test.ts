import { describe, expect, it } from 'vitest'
import { dialects } from '../dialects/all.ts'
import { readAsked } from './read-asked.ts'
import { refuseSteeringNames, steering } from './refuse-steering.ts'

const chat = { model: 'm', messages: [{ role: 'user', content: 'Set "api_base" and "api_key", please' }] }
const schema = { type: 'object', properties: { api_key: { type: 'string' }, base_url: { type: 'string' } } }

function read(body: object | string): unknown {
  return readAsked(dialects['openai-chat'], Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))).value
}

describe('L3: a client cannot say where a call goes, or with which key', () => {
  it.each<[string, object]>([
    ['api_base', { api_base: 'http://127.0.0.1/' }],
    ['base_url', { base_url: null }],
    ['api_key', { api_key: 'sk-canary' }],
    ['extra_body.baseURL', { extra_body: { baseURL: 'http://evil.example' } }],
    ['fallbacks.1.litellm_params.api_base', { fallbacks: [{}, { litellm_params: { api_base: 'x' } }] }],
    ['messages.0.apiKey', { messages: [{ role: 'user', content: 'hi', apiKey: 'x' }] }],
    ['aws_bedrock_runtime_endpoint', { aws_bedrock_runtime_endpoint: 'http://x' }],
  ])('%s is refused, and named without its value', (param, fields) => {
    expect(() => read({ ...chat, ...fields })).toThrow(
      expect.objectContaining({ kind: 'invalid_request', param, message: expect.not.stringContaining('canary') }),
    )
  })

  it.each([...steering])('%s is found at any depth, with every way to write it', (key) => {
    for (const spelled of [key, [...key].map((letter) => `\\u00${letter.charCodeAt(0).toString(16)}`).join('')]) {
      expect(() => read(`{"model":"m","messages":[],"${spelled}" : 1}`)).toThrow(key)
      expect(() => read(`{"model":"m","messages":[],"x":[{"y":{"${spelled}":1}}]}`)).toThrow(key)
    }
  })

  it('nor by a key that is written with an escape', () => {
    const text = JSON.stringify({ ...chat, api_base: 'x' }).replace('"api_base"', '"\\u0061pi_base"')
    expect(() => read(text)).toThrow(expect.objectContaining({ kind: 'invalid_request', param: 'api_base' }))
  })

  it.each(['api_base', 'extra_body[api_key]', 'litellm_params.base_url', 'baseURL[]'])(
    'nor by a field of a form: %s',
    (name) => {
      expect(() => refuseSteeringNames(['model', name])).toThrow(
        expect.objectContaining({ kind: 'invalid_request', param: name }),
      )
    },
  )

  it('but may talk about it, and have tools, arguments and metadata with such fields', () => {
    const tools = [{ type: 'function', function: { name: 'connect', parameters: schema } }]
    const body = { ...chat, tools, metadata: { api_key: 'the name of a form field' } }
    expect(read(body)).toEqual(body)
  })
})
