import type { JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { isGiven, refusal } from '../shared/call-fields.ts'
import type { Dialect } from '../dialect.ts'
import { bareName, collectionPath, modelPath, resourceName } from '../vendors/gemini/path.ts'
import { memberOf, spelledIn } from '../vendors/gemini/spelling.ts'
import { tokenCount } from '../shared/token-count.ts'
import { geminiGenerate } from './index.ts'

/** Gemini's `:countTokens`: contents alone, or a whole call in `generateContentRequest`. */
export const geminiCountTokens: Dialect = tokenCount(geminiGenerate, {
  name: 'gemini-count-tokens',
  address: {
    members: ['model'],
    read: (path) => {
      const found = modelPath(path, ['countTokens'])
      return found && { model: found.modelName }
    },
    isArray: () => false,
    pathFor: (endpoint, modelName) => `${collectionPath(endpoint, modelName)}:countTokens`,
  },
  counted,
  pathOf: (body) => (wholeCall(body) ? `${spelledIn(body, 'generateContentRequest')}.` : ''),
  isFreeForm: ([first, ...rest]) => {
    const isWhole = first === 'generateContentRequest' || first === 'generate_content_request'
    return geminiGenerate.isFreeForm(isWhole || first === undefined ? rest : [first, ...rest])
  },
  upstreamEdits: (body, call, targetModelName) => {
    const edits = geminiGenerate.upstreamEdits(body, call, targetModelName)
    const whole = wholeCall(body)
    if (!whole || edits.length === 0) return edits
    const key = spelledIn(body, 'generateContentRequest')
    return [...edits, { key, value: { ...whole, model: resourceName(targetModelName) } }]
  },
  countKey: 'totalTokens',
})

/** The call names its model again, and may name no other. */
function counted(body: JsonObject): JsonObject {
  const whole = wholeCall(body)
  if (!whole) return body
  const { model: named } = whole
  const { model } = body
  if (typeof named === 'string' && typeof model === 'string' && bareName(named) !== bareName(model))
    throw refusal('generateContentRequest.model', 'names another model than the path does')
  return { ...whole, ...(model !== undefined && { model }) }
}

function wholeCall(body: JsonObject): JsonObject | undefined {
  const whole = memberOf(body, 'generateContentRequest')
  if (!isGiven(whole)) return undefined
  if (!isJsonObject(whole)) throw refusal('generateContentRequest', 'must be an object')
  return whole
}
