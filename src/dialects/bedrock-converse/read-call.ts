import type { Call, Need } from '../../canonical/call.ts'
import { GatewayError } from '../../canonical/error.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import {
  isGiven,
  isJsonArray,
  listIn,
  readFlag,
  readModelName as readName,
  readPart,
  readPositive,
  refusal,
} from '../shared/call-fields.ts'
import type { BodyEdit } from '../dialect.ts'
import { isBelow, type PathPattern } from '../shared/free-form.ts'
import { refuseToolsOfOtherModels } from '../shared/refuse-other-models.ts'
import { withoutForeignThoughts } from './foreign-thoughts.ts'

/**
 * Reads the fields that limits, routing and records act on, of a body with what its path says (`address.ts`).
 * Source: Bedrock runtime service model, 2023-09-30, `ConverseRequest`.
 */
export function readCall(body: JsonObject): Call {
  const modelName = readModelName(body)
  if (isGiven(body['messages']) && !isJsonArray(body['messages'])) throw refusal('messages', 'must be an array')
  const additional = readPart(body, 'additionalModelRequestFields') ?? {}
  refuseSecondCap(additional)
  refuseToolsOfOtherModels(additional)
  return {
    operation: 'chat',
    modelName,
    isStream: readFlag(body, 'stream'),
    outputCapTokens: readPositive(readPart(body, 'inferenceConfig') ?? {}, 'maxTokens'),
    choiceCount: 1,
    wantsStreamUsage: true,
    needs: needsOf(body, additional),
    endUser: undefined,
  }
}

/**
 * SDKs take the model as a member of the call, and some tools keep it there.
 * @throws GatewayError `invalid_request` where it is another one than the path says.
 */
export function readModelName(body: JsonObject): string {
  const { model, modelId } = body
  if (!isGiven(modelId)) return readName(body)
  if (isGiven(model) && model !== modelId) throw refusal('modelId', 'names another model than the path does')
  return readName({ model: modelId ?? null })
}

/** Only the model's name, and no thoughts that were signed elsewhere. Usage is told unasked. */
export function upstreamEdits(body: JsonObject, call: Call, targetModelName: string): readonly BodyEdit[] {
  const messages = withoutForeignThoughts(body['messages'])
  const names = targetModelName === call.modelName ? [] : ['model', 'modelId'].filter((key) => isGiven(body[key]))
  return [
    ...names.map((key) => ({ key, value: targetModelName })),
    ...(messages === undefined ? [] : [{ key: 'messages', value: messages }]),
  ]
}

export function outputCapEdits(body: JsonObject, tokens: number): readonly BodyEdit[] {
  const config = readPart(body, 'inferenceConfig') ?? {}
  return isGiven(config['maxTokens']) ? [] : [{ key: 'inferenceConfig', value: { ...config, maxTokens: tokens } }]
}

/** Schemas, arguments and results, and dictionaries whose keys are the client's own. */
export function isFreeForm(path: readonly (string | number)[]): boolean {
  return isBelow(path, freeFormPlaces)
}

const freeFormPlaces: readonly PathPattern[] = [
  ['toolConfig', 'tools', '*', 'toolSpec', 'inputSchema', 'json'],
  ['messages', '*', 'content', '*', 'toolUse', 'input'],
  ['messages', '*', 'content', '*', 'toolResult', 'content', '*', 'json'],
  ['requestMetadata'],
  ['promptVariables'],
]

/**
 * What goes to the model as it stands could say the output cap again, in the maker's own word. One of the two would be judged
 * and set aside for, and the other obeyed.
 * @throws GatewayError `unsupported`, naming the field.
 */
function refuseSecondCap(additional: JsonObject): void {
  const groups = [additional, ...Object.values(additional).filter((group) => isJsonObject(group))]
  for (const group of groups)
    for (const key of capWords)
      if (isGiven(group[key]))
        throw new GatewayError(
          'unsupported',
          `\`additionalModelRequestFields\` sets \`${key}\`; say it in \`inferenceConfig.maxTokens\``,
          { param: 'additionalModelRequestFields' },
        )
}

/** In the native APIs of Anthropic, OpenAI, Mistral, Cohere; Nova; Llama; Titan; AI21; Writer (Bedrock user guide, read 2026-11). */
const capWords = [
  'max_tokens',
  'max_completion_tokens',
  'max_tokens_to_sample',
  'max_output_tokens',
  'maxTokens',
  'max_new_tokens',
  'max_gen_len',
  'maxTokenCount',
] as const

function needsOf(body: JsonObject, additional: JsonObject): ReadonlySet<Need> {
  const needs = new Set<Need>()
  const { toolConfig, outputConfig } = body
  if (isJsonObject(toolConfig) && listIn(toolConfig, 'tools').length > 0) needs.add('tools')
  for (const message of listIn(body, 'messages'))
    if (isJsonObject(message)) for (const block of listIn(message, 'content')) addNeedOfBlock(block, needs)
  if (isJsonObject(outputConfig) && isGiven(outputConfig['textFormat'])) needs.add('structured-output')
  if (thoughtWords.some((key) => asksForThoughts(additional[key]))) needs.add('reasoning')
  return needs
}

function addNeedOfBlock(block: Json, needs: Set<Need>): void {
  if (!isJsonObject(block)) return
  if (isGiven(block['image'])) needs.add('images')
  if (isGiven(block['document'])) needs.add('documents')
  if (isGiven(block['audio'])) needs.add('audio')
  const { toolResult } = block
  if (isJsonObject(toolResult)) for (const inner of listIn(toolResult, 'content')) addNeedOfBlock(inner, needs)
}

/** Claude's, under its own name and an older one of Bedrock; Nova's; OpenAI's. */
const thoughtWords = ['thinking', 'reasoning_config', 'reasoningConfig', 'reasoning_effort'] as const

function asksForThoughts(said: Json | undefined): boolean {
  if (typeof said === 'string') return said !== 'none'
  return isJsonObject(said) && said['type'] !== 'disabled'
}
