import type { Call, Need } from '../../canonical/call.ts'
import { GatewayError } from '../../canonical/error.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import {
  isGiven,
  isJsonArray,
  listIn,
  readFlag,
  readLabel,
  readModelName,
  readPart,
  readPositive,
  refusal,
} from '../shared/call-fields.ts'
import { refuseOtherModels, refuseToolsOfOtherModels } from '../shared/refuse-other-models.ts'
import { readState } from './read-state.ts'

/** Reads the fields that limits, routing and records act on. Source: OpenAI API description 2.3.0, 2026-08. */
export function readCall(body: JsonObject): Call {
  const modelName = readModelName(body)
  refuseOtherModels(body)
  refuseBackground(body)
  const items = readInput(body)
  const state = readState(body, items)
  return {
    operation: 'chat',
    modelName,
    isStream: readFlag(body, 'stream'),
    outputCapTokens: readPositive(body, 'max_output_tokens'),
    choiceCount: 1,
    wantsStreamUsage: true,
    needs: needsOf(body, items),
    endUser: readLabel(body, 'user') ?? readLabel(body, 'safety_identifier'),
    ...(state.length > 0 && { state }),
  }
}

/** The items of the input. None: a plain text, or no input beside what the provider has stored. */
export function readInput(body: JsonObject): readonly Json[] {
  const { input } = body
  if (input === undefined || input === null || typeof input === 'string') return []
  if (!isJsonArray(input)) throw refusal('input', 'must be a text or an array')
  return input
}

/** What such a call uses is told to nobody who asks for it: the answer is fetched later, by another path. */
function refuseBackground(body: JsonObject): void {
  if (readFlag(body, 'background'))
    throw new GatewayError(
      'unsupported',
      '`background` is not supported here: leave it out, and use `stream` instead',
      {
        param: 'background',
      },
    )
}

function needsOf(body: JsonObject, items: readonly Json[]): ReadonlySet<Need> {
  const needs = new Set<Need>()
  if (isGiven(body['tools'])) needs.add('tools')
  for (const item of items) {
    if (!isJsonObject(item)) continue
    refuseToolsOfOtherModels(item)
    for (const part of [...listIn(item, 'content'), ...listIn(item, 'output')]) addNeedOfPart(part, needs)
  }
  const format = readPart(body, 'text')?.['format']
  if (isJsonObject(format) && (format['type'] === 'json_schema' || format['type'] === 'json_object'))
    needs.add('structured-output')
  const effort = readPart(body, 'reasoning')?.['effort']
  if (typeof effort === 'string' && effort !== 'none') needs.add('reasoning')
  const { top_logprobs: topLogprobs } = body
  if ((typeof topLogprobs === 'number' && topLogprobs > 0) || listIn(body, 'include').includes(logprobsInclude))
    needs.add('logprobs')
  return needs
}

/** In `include`: the odds of the text are told. */
export const logprobsInclude = 'message.output_text.logprobs'

function addNeedOfPart(part: Json, needs: Set<Need>): void {
  switch (isJsonObject(part) ? part['type'] : undefined) {
    case 'input_image':
      needs.add('images')
      break
    case 'input_file':
      needs.add('documents')
      break
    case 'input_audio':
      needs.add('audio')
      break
    default:
  }
}
