import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../canonical/json.ts'
import { refusedParam } from '../laws/refused-param.ts'
import { isFreeForm } from './free-form.ts'
import { outputCapEdits, readCall, upstreamEdits } from './read-call.ts'

const contents = [{ parts: [{ text: 'Hi' }] }]
const call = (more: JsonObject = {}) => ({ model: 'm', contents, ...more })

describe('what limits and routing read of a Gemini call', () => {
  it('is found in either spelling', () => {
    const config = { max_output_tokens: 9, candidate_count: 2, response_mime_type: 'application/json' }
    expect(readCall(call({ generation_config: config, stream: true }))).toMatchObject({
      isStream: true,
      outputCapTokens: 9,
      choiceCount: 2,
      needs: new Set(['structured-output']),
    })
  })

  it('needs what its parts and wishes need', () => {
    const parts = [
      { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
      { file_data: { mime_type: 'application/pdf', file_uri: 'gs://b/f' } },
      { inline_data: { mime_type: 'audio/wav', data: 'AAAA' } },
    ]
    const generationConfig = { thinkingConfig: { thinkingLevel: 'LOW' }, responseLogprobs: true }
    const { needs } = readCall(call({ contents: [{ parts }], tools: [{ googleSearch: {} }], generationConfig }))
    expect([...needs].toSorted()).toEqual(['audio', 'documents', 'images', 'logprobs', 'reasoning', 'tools'])
    expect(readCall(call({ generationConfig: { thinkingConfig: { thinkingBudget: 0 } } })).needs.size).toBe(0)
  })

  it.each([
    ['model', { model: '' }],
    ['contents', { contents: 'Hi' }],
    ['generationConfig', { generationConfig: [] }],
    ['maxOutputTokens', { generationConfig: { maxOutputTokens: 0 } }],
    ['candidate_count', { generation_config: { candidate_count: 1.5 } }],
    ['stream', { stream: 'yes' }],
  ])('is refused by the name of %s', (param, more: JsonObject) => {
    expect(refusedParam(() => readCall(call(more)))).toBe(param)
  })

  it('keeps the spelling of what it changes', () => {
    const asked = call({ model: 'models/m' })
    expect(upstreamEdits(asked, readCall(asked), 'n')).toEqual([{ key: 'model', value: 'models/n' }])
    expect(outputCapEdits(call({ generation_config: { top_k: 1 } }), 5)).toEqual([
      { key: 'generation_config', value: { top_k: 1, maxOutputTokens: 5 } },
    ])
    expect(outputCapEdits(call(), 5)).toEqual([{ key: 'generationConfig', value: { maxOutputTokens: 5 } }])
  })

  it('leaves schemas, arguments and results to the client', () => {
    for (const path of [
      ['tools', 0, 'functionDeclarations', 0, 'parameters', 'properties'],
      ['tools', 0, 'function_declarations', 0, 'parameters_json_schema'],
      ['contents', 0, 'parts', 0, 'functionCall', 'args'],
      ['contents', 0, 'parts', 0, 'function_response', 'response'],
    ])
      expect(isFreeForm(path)).toBe(true)
    expect(isFreeForm(['contents', 0, 'parts', 0])).toBe(false)
  })
})
