import type { JsonObject } from '../../canonical/json.ts'
import { isGiven } from '../shared/call-fields.ts'
import type { BodyEdit } from '../dialect.ts'
import type { TargetWord } from '../translation.ts'

/**
 * Older servers of this dialect know the old name only, and pass over the new one; OpenAI takes either, and refuses both. Of two
 * caps the smaller was set aside, so the old name must not say more.
 */
export function outputCapEdits(
  body: JsonObject,
  tokens: number,
  words: ReadonlySet<TargetWord> | undefined,
): readonly BodyEdit[] {
  const { max_tokens: old, max_completion_tokens: current } = body
  if (isGiven(old)) return old === tokens ? [] : [{ key: 'max_tokens', value: tokens }]
  if (words?.has('max_tokens')) return [{ key: 'max_tokens', value: tokens }]
  return isGiven(current) ? [] : [{ key: 'max_completion_tokens', value: tokens }]
}
