import type { CacheMark } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { below, type WireFields } from '../../shared/translation/wire-fields.ts'
import { dialectName, fieldsIn } from './own.ts'

/**
 * The mark of a prompt cache on a part, a message, a tool or a tool call: Anthropic's `cache_control`, which OpenRouter and
 * others take in chat bodies, or OpenAI's own `prompt_cache_breakpoint` (API description 2.3.0), which has no lifetime.
 */
export function readCacheMark(fields: WireFields, prefix = ''): CacheMark | undefined {
  for (const key of ['cache_control', 'prompt_cache_breakpoint']) {
    const mark = readMark(fields, `${prefix}${key}`)
    if (mark) return mark
  }
  return undefined
}

function readMark(fields: WireFields, key: string): CacheMark | undefined {
  const wire = fields.at(key)
  if (!isJsonObject(wire)) return undefined
  const { type, mode, ttl } = wire
  if (type !== 'ephemeral' && mode !== 'explicit') return undefined
  fields.note('cache', key)
  const mark = fieldsIn(wire, below(fields.path, key))
  mark.understand(type === 'ephemeral' ? 'type' : 'mode')
  if (ttl !== '5m' && ttl !== '1h') return mark.hear<CacheMark>({ ttl: undefined })
  mark.note('ttl', 'ttl')
  return mark.hear<CacheMark>({ ttl })
}

/** The member that says the mark, in the spelling it came in. `undefined`: it came from elsewhere. */
export function ownCacheKey(mark: CacheMark): string | undefined {
  const origin = originOf(mark)
  return origin?.dialect === dialectName ? origin.path.slice(origin.path.lastIndexOf('.') + 1) : undefined
}

export function writeCacheMark(mark: CacheMark, key: string): JsonObject {
  const written = rewrite(mark, dialectName, ({ ttl }) =>
    key === 'prompt_cache_breakpoint' ? { mode: 'explicit' } : { type: 'ephemeral', ...(ttl !== undefined && { ttl }) },
  )
  return isJsonObject(written) ? written : {}
}
