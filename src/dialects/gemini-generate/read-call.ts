import type { Call, Need } from '../../canonical/call.ts'
import type { JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { isGiven, isJsonArray, readFlag, readModelName, readPositive, refusal } from '../shared/call-fields.ts'
import type { BodyEdit } from '../dialect.ts'
import { kindOfMedia } from './media-kind.ts'
import { isFreeForm } from './free-form.ts'
import { bareName } from '../vendors/gemini/path.ts'
import { listedIn, memberOf, partOf, spelledIn, spelledTwice } from '../vendors/gemini/spelling.ts'

/**
 * Reads the fields that limits, routing and records act on, of a body with what its path says (`address.ts`).
 * Source: Gemini API discovery document, revision 20260717.
 */
export function readCall(body: JsonObject): Call {
  const modelName = bareName(readModelName(body))
  if (!isJsonArray(body['contents']) && !isJsonObject(body['contents'])) throw refusal('contents', 'must be an array')
  const twice = spelledTwice(body, isFreeForm)
  if (twice !== undefined) throw refusal(twice, 'stands there under both its names, in camel case and in snake case')
  const config = readConfig(body)
  return {
    operation: 'chat',
    modelName,
    isStream: readFlag(body, 'stream'),
    outputCapTokens: readPositive(config, spelledIn(config, 'maxOutputTokens')),
    choiceCount: readPositive(config, spelledIn(config, 'candidateCount'), mostCandidates) ?? 1,
    wantsStreamUsage: true,
    needs: needsOf(body, config),
    endUser: undefined,
  }
}

const mostCandidates = 128

/** Only the model's name, in the spelling of the caller. Usage is told unasked. */
export function upstreamEdits(body: JsonObject, call: Call, targetModelName: string): readonly BodyEdit[] {
  if (targetModelName === call.modelName) return []
  const isResource = body['model'] !== call.modelName
  return [{ key: 'model', value: isResource ? `models/${targetModelName}` : targetModelName }]
}

export function outputCapEdits(body: JsonObject, tokens: number): readonly BodyEdit[] {
  const key = spelledIn(body, 'generationConfig')
  const config = readConfig(body)
  if (isGiven(memberOf(config, 'maxOutputTokens'))) return []
  return [{ key, value: { ...config, [spelledIn(config, 'maxOutputTokens')]: tokens } }]
}

function readConfig(body: JsonObject): JsonObject {
  const field = spelledIn(body, 'generationConfig')
  const config = body[field]
  if (config === undefined || config === null) return {}
  if (!isJsonObject(config)) throw refusal(field, 'must be an object')
  return config
}

function needsOf(body: JsonObject, config: JsonObject): ReadonlySet<Need> {
  const needs = new Set<Need>()
  if (listedIn(body, 'tools').length > 0) needs.add('tools')
  for (const content of listedIn(body, 'contents'))
    if (isJsonObject(content.wire)) for (const part of listedIn(content.wire, 'parts')) addNeedOfPart(part.wire, needs)
  const modalities = memberOf(config, 'responseModalities')
  if (isJsonArray(modalities) && modalities.includes('AUDIO')) needs.add('audio')
  if (asksForJson(config)) needs.add('structured-output')
  const thinking = partOf(config, 'thinkingConfig')
  const budget = memberOf(thinking, 'thinkingBudget')
  if (isGiven(memberOf(thinking, 'thinkingLevel')) || (typeof budget === 'number' && budget !== 0))
    needs.add('reasoning')
  if (memberOf(config, 'responseLogprobs') === true) needs.add('logprobs')
  return needs
}

function asksForJson(config: JsonObject): boolean {
  return memberOf(config, 'responseMimeType') === 'application/json'
}

function addNeedOfPart(part: unknown, needs: Set<Need>): void {
  if (!isJsonObject(part)) return
  for (const key of ['inlineData', 'fileData'] as const) {
    const medium = memberOf(part, key)
    if (!isJsonObject(medium)) continue
    const mediaType = memberOf(medium, 'mimeType')
    switch (kindOfMedia(typeof mediaType === 'string' ? mediaType : undefined)) {
      case 'image':
        needs.add('images')
        break
      case 'audio':
        needs.add('audio')
        break
      case 'document':
        needs.add('documents')
        break
      // Nobody else reads videos: what cannot be said is a loss, not a need.
      case 'video':
        break
    }
  }
}
