import { isJsonObject, type Json, type JsonObject } from '../../../canonical/json.ts'
import type { Accumulated, Material } from '../material.ts'
import { responsesDefaults, responsesNeedless, responsesRepeated } from './responses-defaults.ts'
import { responsesGolden } from './responses-golden.ts'

export const responsesMaterial: Material = {
  apis: ['responses'],
  leftOut: {},
  golden: responsesGolden,
  freeFormInAnswers: [
    ['output', '*', 'content', '*', 'annotations', '*'],
    ['output', '*', 'content', '*', 'logprobs'],
    ['tools'],
    ['text'],
    ['metadata'],
    ['instructions'],
  ],
  defaults: responsesDefaults,
  repeated: responsesRepeated,
  needless: responsesNeedless,
  accumulate,
}

/** As `openai`'s own ResponseStream does it: the last event holds the whole response. */
function accumulate(frames: readonly Json[]): readonly Accumulated[] {
  const last = frames.findLast(
    (frame) => isJsonObject(frame) && /^response\.(?:completed|incomplete)$/.test(String(frame['type'])),
  )
  const response = isJsonObject(last) && isJsonObject(last['response']) ? last['response'] : {}
  const items = objects(response['output'])
  const ofType = (type: string) => items.filter((item) => item['type'] === type)
  return [
    {
      text: ofType('message')
        .flatMap((item) => objects(item['content']))
        .map(({ type, text }) => (type === 'output_text' ? String(text) : ''))
        .join(''),
      thoughts: ofType('reasoning')
        .map((item) =>
          [...objects(item['summary']), ...objects(item['content'])].map(({ text }) => String(text)).join('\n\n'),
        )
        .join(''),
      toolCalls: ofType('function_call').map(({ call_id: id, name, arguments: said }) => ({
        id: String(id),
        name: String(name),
        argumentsText: said === '' ? '{}' : String(said),
      })),
    },
  ]
}

function objects(list: Json | undefined): readonly JsonObject[] {
  return Array.isArray(list) ? list.filter((one) => isJsonObject(one)) : []
}
