import { isJsonObject, type Json, type JsonObject } from '../../../canonical/json.ts'
import type { Accumulated, Material } from '../material.ts'
import { chatDefaults, chatRepeated } from './chat-defaults.ts'
import { chatGolden } from './chat-golden.ts'

export const chatMaterial: Material = {
  apis: ['chat'],
  leftOut: {},
  golden: chatGolden,
  freeFormInAnswers: [
    ['choices', '*', 'logprobs'],
    ['choices', '*', 'message', 'annotations', '*'],
  ],
  defaults: chatDefaults,
  repeated: chatRepeated,
  accumulate,
}

/** As `openai`'s own ChatCompletionStream does it: text and arguments are added up, ids and names are set once. */
function accumulate(frames: readonly Json[]): readonly Accumulated[] {
  const choices: Accumulating[] = []
  for (const chunk of frames) {
    if (!isJsonObject(chunk)) continue
    for (const choice of objects(chunk['choices'])) {
      const index = typeof choice['index'] === 'number' ? choice['index'] : 0
      const delta = isJsonObject(choice['delta']) ? choice['delta'] : {}
      add((choices[index] ??= { text: '', thoughts: '', toolCalls: [] }), delta)
    }
  }
  return choices.map(({ text, thoughts, toolCalls }) => ({
    text,
    thoughts,
    toolCalls: toolCalls.filter((one) => one !== undefined).map(withArguments),
  }))
}

interface Accumulating {
  text: string
  thoughts: string
  readonly toolCalls: { id: string; name: string; argumentsText: string }[]
}

function add(choice: Accumulating, delta: JsonObject): void {
  choice.text += textOf(delta['content'], 'text')
  choice.thoughts += textOf(delta['reasoning_content'] ?? delta['reasoning'], 'text')
  // Mistral tells thoughts in parts of the content.
  choice.thoughts += textOf(delta['content'], 'thinking')
  for (const [position, call] of objects(delta['tool_calls']).entries()) {
    const index = typeof call['index'] === 'number' ? call['index'] : choice.toolCalls.length + position
    const said = (choice.toolCalls[index] ??= { id: '', name: '', argumentsText: '' })
    const called = isJsonObject(call['function']) ? call['function'] : {}
    if (typeof call['id'] === 'string' && said.id === '') said.id = call['id']
    if (typeof called['name'] === 'string' && said.name === '') said.name = called['name']
    const { arguments: text } = called
    if (typeof text === 'string') said.argumentsText += text
    else if (isJsonObject(text)) said.argumentsText += JSON.stringify(text)
  }
}

/** A string, or what the parts of this type say. */
function textOf(content: Json | undefined, type: string): string {
  if (typeof content === 'string') return type === 'text' ? content : ''
  return objects(content)
    .filter((part) => part['type'] === type)
    .map((part) => textOf(part[type], 'text'))
    .join('')
}

function withArguments(call: Accumulating['toolCalls'][number]): Accumulating['toolCalls'][number] {
  return call.argumentsText === '' ? { ...call, argumentsText: '{}' } : call
}

function objects(list: Json | undefined): readonly JsonObject[] {
  return Array.isArray(list) ? list.filter((one) => isJsonObject(one)) : []
}
