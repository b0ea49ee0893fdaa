import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { refusedParam } from '../laws/refused-param.ts'
import { isFreeForm } from './free-form.ts'
import { readCall, upstreamEdits } from './read-call.ts'

const call = (body: JsonObject = {}) => readCall({ model: 'm', messages: [], ...body })
const needs = (body: JsonObject) => [...call(body).needs]
const userWith = (...content: readonly Json[]): JsonObject => ({ messages: [{ role: 'user', content }] })

describe('a messages call', () => {
  it('is read with its defaults; usage is always told in this dialect', () => {
    expect(call()).toEqual({
      operation: 'chat',
      modelName: 'm',
      isStream: false,
      outputCapTokens: undefined,
      choiceCount: 1,
      wantsStreamUsage: true,
      needs: new Set(),
      endUser: undefined,
    })
    expect(call({ max_tokens: 1024, stream: true, metadata: { user_id: 'u' } })).toMatchObject({
      outputCapTokens: 1024,
      isStream: true,
      endUser: 'u',
    })
  })

  it('M13 refuses impossible values, naming the field', () => {
    const refused: readonly (readonly [JsonObject, string])[] = [
      [{ model: 7 }, 'model'],
      [{ messages: {} }, 'messages'],
      [{ stream: 'yes' }, 'stream'],
      [{ metadata: 'u' }, 'metadata'],
      [{ metadata: { user_id: 7 } }, 'metadata.user_id'],
      [{ max_tokens: -1 }, 'max_tokens'],
      [{ max_tokens: 0 }, 'max_tokens'],
      [{ max_tokens: 1.5 }, 'max_tokens'],
      [{ max_tokens: 2 ** 53 }, 'max_tokens'],
      [{ max_tokens: '1e9' }, 'max_tokens'],
      [{ max_tokens: [] }, 'max_tokens'],
    ]
    for (const [body, param] of refused)
      expect(
        refusedParam(() => call(body)),
        JSON.stringify(body),
      ).toBe(param)
  })

  it('knows what the model must be able to do, also from inside results of tools', () => {
    expect(needs({ tools: [{}] })).toEqual(['tools'])
    expect(needs(userWith({ type: 'image', source: {} }))).toEqual(['images'])
    expect(needs(userWith({ type: 'document', source: {} }))).toEqual(['documents'])
    expect(needs(userWith({ type: 'tool_result', tool_use_id: 't', content: [{ type: 'image' }] }))).toEqual(['images'])
    expect(needs(userWith({ type: 'tool_result', tool_use_id: 't', content: 'text' }, null, 'x'))).toEqual([])
    expect(needs({ output_config: { format: { type: 'json_schema', schema: {} } } })).toEqual(['structured-output'])
    expect(needs({ output_config: { effort: 'low' } })).toEqual([])
    expect(needs({ output_format: { type: 'json_schema', schema: {} } })).toEqual(['structured-output'])
    expect(needs({ thinking: { type: 'enabled', budget_tokens: 1024 } })).toEqual(['reasoning'])
    expect(needs({ thinking: { type: 'adaptive' } })).toEqual(['reasoning'])
    expect(needs({ thinking: { type: 'disabled' } })).toEqual([])
  })

  it('lets clients repeat keys in schemas and arguments only, not in metadata, on which we act', () => {
    expect(isFreeForm(['tools', 0, 'input_schema', 'properties'])).toBe(true)
    expect(isFreeForm(['messages', 3, 'content', 1, 'input'])).toBe(true)
    expect(isFreeForm(['output_config', 'format', 'schema'])).toBe(true)
    for (const path of [[], ['metadata'], ['messages', 0, 'content', 0], ['tools', 0], ['output_config', 'format']])
      expect(isFreeForm(path), path.join('.')).toBe(false)
  })

  it('has nothing written into it but the target’s name, and that only when it differs', () => {
    const body = { model: 'm', messages: [], stream: true }
    expect(upstreamEdits(body, readCall(body), 'm')).toEqual([])
    expect(upstreamEdits(body, readCall(body), 'claude')).toEqual([{ key: 'model', value: 'claude' }])
  })
})
