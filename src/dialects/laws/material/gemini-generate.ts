import { isJsonObject, type Json, type JsonObject } from '../../../canonical/json.ts'
import type { Accumulated, Material } from '../material.ts'
import { generateDefaults, generateRepeated } from './generate-defaults.ts'
import { generateGolden } from './generate-golden.ts'

export const generateMaterial: Material = {
  apis: ['generate'],
  leftOut: {},
  golden: generateGolden,
  freeFormInAnswers: [
    ['candidates', '*', 'content', 'parts', '*', 'functionCall', 'args'],
    ['candidates', '*', 'content', 'parts', '*', 'functionResponse', 'response'],
    ['candidates', '*', 'content', 'parts', '*', 'toolCall', 'args'],
    ['candidates', '*', 'content', 'parts', '*', 'toolResponse', 'response'],
    ['candidates', '*', 'groundingMetadata'],
    ['candidates', '*', 'logprobsResult'],
  ],
  defaults: generateDefaults,
  repeated: generateRepeated,
  accumulate,
}

/** As the getters of `@google/genai`'s answer do it, candidate by candidate: texts are added up, calls are listed. */
function accumulate(frames: readonly Json[]): readonly Accumulated[] {
  const choices: Choice[] = []
  for (const frame of frames) {
    if (!isJsonObject(frame)) continue
    for (const [place, candidate] of objects(frame['candidates']).entries()) {
      const index = typeof candidate['index'] === 'number' ? candidate['index'] : place
      const choice = (choices[index] ??= { text: '', thoughts: '', calls: [] })
      const content = isJsonObject(candidate['content']) ? candidate['content'] : {}
      for (const part of objects(content['parts'])) add(choice, part, `call_${frame['responseId'] ?? ''}_${index}`)
    }
  }
  return choices.map(({ text, thoughts, calls }) => ({
    text,
    thoughts,
    toolCalls: calls.map(({ id, name, args }) => ({ id, name, argumentsText: JSON.stringify(args) })),
  }))
}

interface Choice {
  text: string
  thoughts: string
  readonly calls: { readonly id: string; readonly name: string; args: JsonObject }[]
}

function add(choice: Choice, part: JsonObject, idPrefix: string): void {
  const { text, thought, functionCall } = part
  if (typeof text === 'string') choice[thought === true ? 'thoughts' : 'text'] += text
  if (!isJsonObject(functionCall)) return
  const { id, name, args, partialArgs } = functionCall
  if (typeof name === 'string')
    choice.calls.push({ id: typeof id === 'string' ? id : `${idPrefix}_${choice.calls.length}`, name, args: {} })
  const call = choice.calls.at(-1)
  if (!call) return
  if (isJsonObject(args)) call.args = args
  for (const { jsonPath, stringValue, numberValue } of objects(partialArgs)) {
    const steps = String(jsonPath).match(/[^$.[\]]+/g) ?? []
    const grown = put(call.args, steps, stringValue ?? numberValue ?? null)
    if (isJsonObject(grown)) call.args = grown
  }
}

/** Puts a leaf at its place; pieces of one text are added up. */
function put(holder: Json | undefined, [step, ...rest]: readonly string[], value: Json): Json {
  if (step === undefined) return typeof holder === 'string' && typeof value === 'string' ? holder + value : value
  if (!/^\d+$/.test(step)) {
    const members = isJsonObject(holder) ? holder : {}
    return { ...members, [step]: put(members[step], rest, value) }
  }
  const list: readonly Json[] = Array.isArray(holder) ? holder : []
  return list.toSpliced(Number(step), 1, put(list[Number(step)], rest, value))
}

function objects(list: Json | undefined): readonly JsonObject[] {
  return Array.isArray(list) ? list.filter((one) => isJsonObject(one)) : []
}
