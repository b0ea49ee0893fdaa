import type { OutputFormat, Reasoning } from '../../../canonical/chat.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { Hearing } from './hearing.ts'
import { asJsonSchema } from './schema.ts'

/** Where a schema for the answer may stand: a JSON Schema under its name and under an older one, and Google's own. */
export const schemaKeys = ['responseJsonSchema', '_responseJsonSchema', 'responseSchema'] as const

export function readOutputFormat(call: Hearing): OutputFormat | undefined {
  const config = call.at('generationConfig')
  if (!isJsonObject(config)) return undefined
  const hearing = new Hearing(config, call.pathOf('generationConfig'))
  const mediaType = hearing.at('responseMimeType')
  const schemaKey = schemaKeys.find((key) => isJsonObject(hearing.at(key)))
  const isText = mediaType === undefined || mediaType === null || mediaType === 'text/plain'
  if (schemaKey === undefined && isText && mediaType !== 'text/plain') return undefined
  if (schemaKey === undefined && !isText && mediaType !== 'application/json') return undefined
  if (schemaKey === undefined) {
    call.understood('outputFormat', 'generationConfig.responseMimeType')
    hearing.understood('kind', 'responseMimeType')
    return hearing.partOfNode<OutputFormat>({ kind: isText ? 'text' : 'json-object' })
  }
  // That the answer is JSON follows from its schema.
  if (mediaType === 'application/json') call.structural('generationConfig.responseMimeType')
  call.understood('outputFormat', `generationConfig.${schemaKey}`)
  const schema = hearing.object('schema', schemaKey) ?? {}
  return hearing.partOfNode<OutputFormat>({
    kind: 'json-schema',
    name: undefined,
    description: undefined,
    schema: schemaKey === 'responseSchema' ? asJsonSchema(schema) : schema,
    // The schema is enforced always.
    isStrict: true,
  })
}

/** A level or a budget, and whether thoughts are shown. */
export function readReasoning(call: Hearing): Reasoning | undefined {
  const said = call.object('reasoning', configKey)
  if (said === undefined) return undefined
  // The wish answers for its own keys.
  for (const key of Object.keys(said)) call.structural(`${configKey}.${key}`)
  const hearing = new Hearing(said, call.pathOf(configKey))
  const level = hearing.text('effort', 'thinkingLevel')
  const budget = hearing.number('budgetTokens', 'thinkingBudget')
  const isShown = hearing.flag('display', 'includeThoughts')
  // -1: as much as the model likes.
  if (budget !== undefined && budget <= 0) hearing.understood('mode', 'thinkingBudget')
  return hearing.node<Reasoning>({
    mode: budget === undefined || budget > 0 ? undefined : budget === 0 ? 'off' : 'adaptive',
    effort: level?.toLowerCase(),
    budgetTokens: budget !== undefined && budget > 0 ? budget : undefined,
    display: isShown === undefined ? undefined : isShown ? 'summarized' : 'omitted',
  })
}

const configKey = 'generationConfig.thinkingConfig'
