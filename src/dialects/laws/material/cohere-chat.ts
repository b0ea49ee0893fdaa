import { isJsonObject, type Json, type JsonObject } from '../../../canonical/json.ts'
import type { Accumulated, Material } from '../material.ts'
import { cohereDefaults, cohereRepeated } from './cohere-defaults.ts'
import { cohereGolden } from './cohere-golden.ts'

const firstVersion = 'the first version of the API, /v1/chat, which is another dialect'

export const cohereMaterial: Material = {
  apis: ['cohere-chat'],
  leftOut: { '51ab92e12db67a6a': firstVersion, '52dfafbde89a57ff': firstVersion },
  golden: cohereGolden,
  freeFormInAnswers: [
    ['message', 'citations', '*', 'sources', '*', 'tool_output'],
    ['message', 'citations', '*', 'sources', '*', 'document'],
  ],
  defaults: cohereDefaults,
  repeated: cohereRepeated,
  accumulate,
}

/** As a caller of `cohere-ai` adds up the events of `chatStream`, by their type and index. The plan is what was said before the calls. */
function accumulate(frames: readonly Json[]): readonly Accumulated[] {
  const said = { text: '', thoughts: '' }
  const calls: { id: string; name: string; argumentsText: string }[] = []
  for (const frame of frames) {
    if (!isJsonObject(frame)) continue
    const message = inside(inside(frame, 'delta'), 'message')
    const [content, call] = [inside(message, 'content'), inside(message, 'tool_calls')]
    const called = inside(call, 'function')
    said.text += textIn(content, 'text') + textIn(message, 'tool_plan')
    said.thoughts += textIn(content, 'thinking')
    if (frame['type'] === 'tool-call-start')
      calls.push({ id: textIn(call, 'id'), name: textIn(called, 'name'), argumentsText: textIn(called, 'arguments') })
    const known = frame['type'] === 'tool-call-delta' ? calls[Number(frame['index'])] : undefined
    if (known) known.argumentsText += textIn(called, 'arguments')
  }
  // Cohere calls a tool that takes nothing with nothing, or with `null`.
  const toolCalls = calls.map((call) => ({ ...call, argumentsText: call.argumentsText.replace(/^(?:null)?$/, '{}') }))
  return [{ ...said, toolCalls }]
}

function inside(holder: JsonObject, key: string): JsonObject {
  const value = holder[key]
  return isJsonObject(value) ? value : {}
}

function textIn(holder: JsonObject, key: string): string {
  const value = holder[key]
  return typeof value === 'string' ? value : ''
}
