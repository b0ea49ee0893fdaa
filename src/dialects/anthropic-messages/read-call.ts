import type { Call, Need } from '../../canonical/call.ts'
import { GatewayError } from '../../canonical/error.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import {
  isGiven,
  isJsonArray,
  readFlag,
  readLabel,
  readMessages,
  readModelName,
  readPart,
  readPositive,
} from '../shared/call-fields.ts'
import type { BodyEdit } from '../dialect.ts'
import { refuseToolOfOtherModels, refuseToolsOfOtherModels } from '../shared/refuse-other-models.ts'
import { withoutUnsignedThoughts } from './unsigned-thoughts.ts'

/** Reads the fields that limits, routing and records act on. Source: @anthropic-ai/sdk 1.12.0, resources/messages. */
export function readCall(body: JsonObject): Call {
  refuseWhatNobodyPermitted(body)
  const modelName = readModelName(body)
  const messages = readMessages(body)
  const metadata = readPart(body, 'metadata') ?? {}
  const needs = needsOf(body, messages)
  return {
    operation: 'chat',
    modelName,
    isStream: readFlag(body, 'stream'),
    // The provider demands one; a missing one is its own to refuse.
    outputCapTokens: readPositive(body, 'max_tokens'),
    choiceCount: 1,
    wantsStreamUsage: true,
    needs,
    endUser: readLabel(metadata, 'user_id', 'metadata.user_id'),
  }
}

/**
 * `fallbacks` names further models, each with a cap of its own; `thread` goes on with a conversation that the provider keeps, which
 * may be anyone's; an advisor among the tools is another model. None was permitted or set aside here (@anthropic-ai/sdk 1.12.0,
 * resources/beta/messages).
 * @throws GatewayError `unsupported`, naming the field.
 */
function refuseWhatNobodyPermitted(body: JsonObject): void {
  for (const [key, why] of [
    ['fallbacks', 'would let the provider choose models that were not asked for here; name one in `model`'],
    ['thread', 'builds on a conversation that the provider keeps; send the messages themselves'],
  ] as const)
    if (isGiven(body[key])) throw new GatewayError('unsupported', `\`${key}\` ${why}`, { param: key })
  refuseToolsOfOtherModels(body)
}

/**
 * The target's own name for the model, and no thoughts that another provider left unsigned. Nothing else: this dialect tells
 * usage unasked.
 */
export function upstreamEdits(body: JsonObject, call: Call, targetModelName: string): readonly BodyEdit[] {
  const messages = withoutUnsignedThoughts(body['messages'])
  return [
    ...(targetModelName === call.modelName ? [] : [{ key: 'model', value: targetModelName }]),
    ...(messages === undefined ? [] : [{ key: 'messages', value: messages }]),
  ]
}

function needsOf(body: JsonObject, messages: readonly Json[]): ReadonlySet<Need> {
  const needs = new Set<Need>()
  const { tools, thinking, output_config: outputConfig, output_format: outputFormat } = body
  if (isJsonArray(tools) && tools.length > 0) needs.add('tools')
  for (const message of messages) {
    const content = isJsonObject(message) ? message['content'] : undefined
    if (!isJsonArray(content)) continue
    for (const block of content) {
      addNeedOfBlock(block, needs)
      // Only results of tools hold blocks themselves.
      const inner = isJsonObject(block) ? block['content'] : undefined
      if (isJsonArray(inner)) for (const innerBlock of inner) addNeedOfBlock(innerBlock, needs)
    }
  }
  if ((isJsonObject(outputConfig) && isJsonObject(outputConfig['format'])) || isJsonObject(outputFormat))
    needs.add('structured-output')
  if (isJsonObject(thinking) && thinking['type'] !== 'disabled') needs.add('reasoning')
  return needs
}

function addNeedOfBlock(block: Json, needs: Set<Need>): void {
  if (!isJsonObject(block)) return
  const { type, tool } = block
  switch (type) {
    case 'image':
      needs.add('images')
      break
    case 'document':
      needs.add('documents')
      break
    // Tools may also be defined on the way.
    case 'tool_addition':
      if (isJsonObject(tool)) refuseToolOfOtherModels(tool['definition'])
      break
    default:
  }
}
