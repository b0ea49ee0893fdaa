import { isJsonObject, type Json } from '../../../canonical/json.ts'
import type { Accumulated, Material } from '../material.ts'
import { messagesDefaults, messagesRepeated } from './messages-defaults.ts'
import { messagesGolden } from './messages-golden.ts'

export const messagesMaterial: Material = {
  apis: ['messages'],
  leftOut: { '7a3630391125b54c': 'it holds several answers, one after the other' },
  golden: messagesGolden,
  freeFormInAnswers: [['content', '*', 'input']],
  defaults: messagesDefaults,
  repeated: messagesRepeated,
  accumulate,
}

/** As `@anthropic-ai/sdk`'s own MessageStream does it: a block is what it began as, with its deltas added. */
function accumulate(frames: readonly Json[]): readonly Accumulated[] {
  const blocks: { type: Json; text: string; id: Json; name: Json; json: string; input: Json }[] = []
  for (const frame of frames) {
    if (!isJsonObject(frame)) continue
    const { index, content_block: opening, delta } = frame
    if (typeof index !== 'number') continue
    if (isJsonObject(opening)) {
      const { type = '', text, thinking, id = '', name = '', input = {} } = opening
      blocks[index] = { type, text: String(text ?? thinking ?? ''), id, name, json: '', input }
    }
    const block = blocks[index]
    if (!block || !isJsonObject(delta)) continue
    const { type, text, thinking, partial_json: json } = delta
    if (type === 'text_delta') block.text += String(text)
    if (type === 'thinking_delta') block.text += String(thinking)
    if (type === 'input_json_delta') block.json += String(json)
  }
  const textsOf = (wanted: string) => blocks.filter(({ type }) => type === wanted).map(({ text }) => text)
  const toolCalls = blocks
    .filter(({ type }) => type === 'tool_use')
    .map(({ id, name, json, input }) => ({
      id: String(id),
      name: String(name),
      argumentsText: json === '' ? JSON.stringify(input) : json,
    }))
  return [{ text: textsOf('text').join(''), thoughts: textsOf('thinking').join(''), toolCalls }]
}
