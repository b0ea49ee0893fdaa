import { isJsonObject, type Json, type JsonObject } from '../../../canonical/json.ts'
import type { Accumulated, Material } from '../material.ts'
import { converseDefaults, converseNeedless, converseRepeated } from './converse-defaults.ts'
import { converseGolden } from './converse-golden.ts'

export const converseMaterial: Material = {
  apis: ['converse'],
  leftOut: {},
  golden: converseGolden,
  freeFormInAnswers: [
    ['output', 'message', 'content', '*', 'toolUse', 'input'],
    ['output', 'message', 'content', '*', 'toolResult', 'content', '*', 'json'],
    ['additionalModelResponseFields'],
    ['trace', 'guardrail'],
  ],
  defaults: converseDefaults,
  repeated: converseRepeated,
  needless: converseNeedless,
  accumulate,
}

/** As a user of `@aws-sdk/client-bedrock-runtime` does it, which hands over the events and puts nothing together. */
function accumulate(frames: readonly Json[]): readonly Accumulated[] {
  const calls: { id: string; name: string; input: string; isServers: boolean; place: Json | undefined }[] = []
  let text = ''
  let thoughts = ''
  for (const frame of frames) {
    if (!isJsonObject(frame)) continue
    const { start, delta, contentBlockIndex: place } = frame
    const begun = partOf(start, 'toolUse')
    if (begun)
      calls.push({
        id: String(begun['toolUseId']),
        name: String(begun['name']),
        input: '',
        isServers: begun['type'] === 'server_tool_use',
        place,
      })
    const [call, more, thought] = [calls.at(-1), partOf(delta, 'toolUse'), partOf(delta, 'reasoningContent')]
    if (call?.place === place && call && typeof more?.['input'] === 'string') call.input += more['input']
    if (typeof thought?.['text'] === 'string') thoughts += thought['text']
    if (isJsonObject(delta) && typeof delta['text'] === 'string') text += delta['text']
  }
  const toolCalls = calls
    .filter(({ isServers }) => !isServers)
    .map(({ id, name, input }) => ({ id, name, argumentsText: input === '' ? '{}' : input }))
  return [{ text, thoughts, toolCalls }]
}

function partOf(value: Json | undefined, key: string): JsonObject | undefined {
  const part = isJsonObject(value) ? value[key] : undefined
  return isJsonObject(part) ? part : undefined
}
