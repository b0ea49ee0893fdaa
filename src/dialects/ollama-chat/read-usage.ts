import type { JsonObject } from '../../canonical/json.ts'
import { noUsage, type Usage } from '../../canonical/usage.ts'
import { CountReader } from '../shared/counts.ts'

/**
 * What the last line says was read and written, thoughts included. A count of 0 is left out (api/types.go, `omitempty`): older
 * versions do not count a prompt that they have read before (recorded 2024-05). `undefined`: nothing was counted.
 */
export function readUsage(said: JsonObject): Usage | undefined {
  const counts = new CountReader()
  const read = counts.count(said, 'prompt_eval_count')
  const written = counts.count(said, 'eval_count')
  if (!counts.isBelievable || (read ?? 0) + (written ?? 0) === 0) return undefined
  return { ...noUsage, inputUncached: read ?? 0, outputText: written ?? 0 }
}
