import type { ChatCall, OutputFormat } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { originOf } from '../../../canonical/origin.ts'
import { generationOf } from './generations.ts'
import { annotatedSchema } from '../../shared/translation/annotated-schema.ts'
import { enforcedFormat } from '../../vendors/anthropic/claude-enforced.ts'
import { isOwn } from './own.ts'

/** `output_config`, or the beta before it where the call came in that. */
export function writeOutput(call: ChatCall, effort: string | undefined, losses: Losses): JsonObject {
  const format = call.outputFormat && writeFormat(call, call.outputFormat, losses)
  const isBeta = call.outputFormat && isOwn(call.outputFormat) && originOf(call.outputFormat)?.path === 'output_format'
  const config = { ...(effort !== undefined && { effort }), ...(format && !isBeta && { format }) }
  return {
    ...(Object.keys(config).length > 0 && { output_config: config }),
    ...(format && isBeta && { output_format: format }),
  }
}

function writeFormat(call: ChatCall, format: OutputFormat, losses: Losses): JsonObject | undefined {
  switch (format.kind) {
    case 'text':
      losses.account(format, ['kind'])
      return undefined
    case 'json-object':
      // Its structured outputs take no open object: `additionalProperties` must be false (its page on them, read 2026-08).
      losses.lost(call, 'outputFormat', 'Anthropic has no mode for JSON without a schema')
      return undefined
    case 'json-schema': {
      if (!generationOf(call).takesSchemas) {
        losses.lost(call, 'outputFormat', 'the model takes no schema')
        return undefined
      }
      losses.account(format, ['kind', 'name', 'description', 'schema', 'isStrict'])
      if (format.isStrict === false) losses.approximated(format, 'isStrict', 'Anthropic always enforces the schema')
      const annotated = annotatedSchema(format, losses)
      const schema = isOwn(format) ? annotated : enforcedFormat(call, format, annotated, losses)
      return schema && { type: 'json_schema', schema }
    }
  }
}
