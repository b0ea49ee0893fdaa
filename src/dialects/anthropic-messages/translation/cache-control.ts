import type { CacheMark } from '../../../canonical/chat.ts'
import type { JsonObject } from '../../../canonical/json.ts'

/** The mark of a prompt cache as a member to spread; nothing where there is none. */
export function cacheControl(cache: CacheMark | undefined): JsonObject {
  if (cache === undefined) return {}
  return { cache_control: { type: 'ephemeral', ...(cache.ttl !== undefined && { ttl: cache.ttl }) } }
}
