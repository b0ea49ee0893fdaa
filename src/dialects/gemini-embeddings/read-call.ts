import type { Call } from '../../canonical/call.ts'
import { ExtentDraft, type Extent } from '../../canonical/extent.ts'
import type { JsonObject } from '../../canonical/json.ts'
import { isJsonObject, wordOf } from '../../canonical/json.ts'
import { isGiven, isJsonArray, readModelName, refusal } from '../shared/call-fields.ts'
import type { BodyEdit } from '../dialect.ts'
import { bareName, resourceName } from '../vendors/gemini/path.ts'
import { countedInputs } from '../shared/one-answer/listed-embeddings.ts'
import { listedIn, memberOf, partOf, spelledTwice } from '../vendors/gemini/spelling.ts'

/**
 * Which model is asked, of a body with what its path says. Each question of a batch names the model again, and may name no
 * other: that one would be asked, and billed, without having been permitted. Source: discovery document, revision 20260717.
 */
export function readOwn(body: JsonObject): Pick<Call, 'modelName' | 'method' | 'needs' | 'inputCount'> {
  const modelName = bareName(readModelName(body))
  const method = isBatch(body) ? 'batchEmbedContents' : 'embedContent'
  if (isGiven(body['method']) && body['method'] !== method)
    throw refusal(isBatch(body) ? 'requests' : 'content', `does not belong to ${wordOf(body['method'])}`)
  const twice = spelledTwice(body, () => false)
  if (twice !== undefined) throw refusal(twice, 'stands there under both its names, in camel case and in snake case')
  const questions = questionsIn(body)
  for (const [index, one] of questions.entries()) {
    if (!isJsonObject(memberOf(one, 'content')))
      throw refusal(isBatch(body) ? `requests[${index}].content` : 'content', 'must be an object')
    const { model: named } = one
    if (typeof named === 'string' && bareName(named) !== modelName)
      throw refusal(`requests[${index}].model`, 'names another model than the path does')
  }
  const needs = new Set(partsIn(body).some(isPicture) ? (['images'] as const) : [])
  return { modelName, method, needs, ...countedInputs(questions.length) }
}

/** What stands behind an address is not in the body. */
export function readExtent(body: JsonObject): Extent {
  const extent = new ExtentDraft()
  const parts = partsIn(body)
  extent.inputs = questionsIn(body).length
  extent.images = parts.filter(isPicture).length
  if (parts.some((part) => isGiven(memberOf(part, 'fileData')))) extent.unseen('a file by its address')
  return extent.done()
}

function partsIn(body: JsonObject): readonly JsonObject[] {
  return questionsIn(body).flatMap((question) =>
    listedIn(partOf(question, 'content'), 'parts').flatMap(({ wire }) => (isJsonObject(wire) ? [wire] : [])),
  )
}

function isPicture(part: JsonObject): boolean {
  const mimeType = memberOf(partOf(part, 'inlineData'), 'mimeType')
  return typeof mimeType === 'string' && mimeType.startsWith('image/')
}

export function isBatch(body: JsonObject): boolean {
  return body['requests'] !== undefined && body['requests'] !== null
}

/** The questions of a body, one for each input. */
export function questionsIn(body: JsonObject): readonly JsonObject[] {
  if (!isBatch(body)) return [body]
  const { requests } = body
  if (!isJsonArray(requests) || requests.length === 0) throw refusal('requests', 'must be a list of questions')
  return requests.map((one, index) => {
    if (!isJsonObject(one)) throw refusal(`requests[${index}]`, 'must be an object')
    return one
  })
}

/** The model's name wherever it stands. */
export function upstreamEdits(body: JsonObject, call: Call, targetModelName: string): readonly BodyEdit[] {
  if (targetModelName === call.modelName) return []
  const model = body['model'] === call.modelName ? targetModelName : resourceName(targetModelName)
  const edits = [{ key: 'model', value: model }]
  return isBatch(body) ? [...edits, { key: 'requests', value: namedAnew(questionsIn(body), targetModelName) }] : edits
}

export function namedAnew(questions: readonly JsonObject[], modelName: string): readonly JsonObject[] {
  return questions.map((one) => ({ ...one, model: resourceName(modelName) }))
}
