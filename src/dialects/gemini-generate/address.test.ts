import { describe, expect, it } from 'vitest'
import { address } from './address.ts'

describe('the path of a Gemini call', () => {
  it.each([
    ['/v1beta/models/gemini-2.5-flash:generateContent', { model: 'gemini-2.5-flash', stream: false }],
    ['/v1/models/gemini-2.5-flash:streamGenerateContent', { model: 'gemini-2.5-flash', stream: true }],
    ['/v1alpha/models/a:generateContent', { model: 'a', stream: false }],
    // An alias of ours, and a name of another provider's.
    ['/v1beta/models/openai/gpt-5.2:generateContent', { model: 'openai/gpt-5.2', stream: false }],
    ['/v1beta/models/llama3%3A8b:generateContent', { model: 'llama3:8b', stream: false }],
    ['/v1beta/models/llama3:8b:generateContent', { model: 'llama3:8b', stream: false }],
    ['/v1beta/models/:generateContent', undefined],
    ['/v1beta/models/a:countTokens', undefined],
    ['/v1beta/models/a', undefined],
    ['/v2/models/a:generateContent', undefined],
    ['/v1beta/models/%zz:generateContent', undefined],
  ])('%s says %j', (path, said) => {
    expect(address.read(path)).toEqual(said)
  })

  it.each([
    ['', true],
    ['alt=json', true],
    ['alt=sse', false],
    ['%24alt=sse', false],
    ['x=1&alt=sse', false],
    ['xalt=sse', true],
  ])('a stream with ?%s is an array: %s', (query, isArray) => {
    expect(address.isArray(query)).toBe(isArray)
  })

  it.each([
    ['gemini-2.5-flash', false, '/v1beta/models/gemini-2.5-flash:generateContent'],
    ['gemini-2.5-flash', true, '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse'],
    ['tunedModels/mine', false, '/v1beta/tunedModels/mine:generateContent'],
    ['models/m', false, '/v1beta/models/m:generateContent'],
    // S5: a name cannot lead out of the path.
    ['../files?x=#', false, '/v1beta/models/..%2Ffiles%3Fx%3D%23:generateContent'],
  ])('%s (stream: %s) is at %s', (modelName, isStream, path) => {
    expect(address.pathFor('/v1beta', modelName, isStream)).toBe(path)
  })
})
