import type { JsonObject } from '../canonical/json.ts'
import type { Loss, Losses } from '../canonical/loss.ts'
import { withoutMembers } from '../wire/json-without.ts'
import { scanJson } from '../wire/json-scan.ts'
import type { Asked } from './read-asked.ts'

/** What of a call a target can be told in the caller's own dialect. */
export interface Tellable extends Pick<Asked, 'body' | 'value' | 'scan'> {
  readonly losses: readonly Loss[]
}

/**
 * The call without the top-level keys for which a target would refuse all of it (`ProviderRow.refuses`). Each is a loss, but for
 * those that are said in another way.
 * @returns the same bytes where it says none of them.
 */
export function withoutRefused(asked: Asked, refuses: ReadonlySet<string> | undefined): Tellable {
  const said = refuses === undefined ? [] : asked.scan.members.map(({ key }) => key).filter((key) => refuses.has(key))
  if (said.length === 0) return { body: asked.body, value: asked.value, scan: asked.scan, losses: [] }
  const keys = new Set(said)
  const body = withoutMembers(asked.body, asked.scan, said)
  const value = Object.fromEntries(Object.entries(asked.value).filter(([key]) => !keys.has(key)))
  const lost = said.filter((key) => !saidOtherwise.has(key))
  return { body, value, scan: scanJson(body), losses: lost.map((path) => ({ path, kind: 'lost', why })) }
}

/** The same for a call that was worded anew: a writer knows its dialect, and not every target. */
export function wordedWithout(body: JsonObject, refuses: ReadonlySet<string> | undefined, losses: Losses): JsonObject {
  const refused = Object.keys(body).filter((key) => refuses?.has(key))
  if (refused.length === 0) return body
  for (const key of refused) losses.note(key, 'lost', why)
  return Object.fromEntries(Object.entries(body).filter(([key]) => !refused.includes(key)))
}

const why = 'the target refuses a call that says it'

/** The output cap gets the name that the target knows; where usage may not be asked for, it comes unasked. */
const saidOtherwise: ReadonlySet<string> = new Set(['max_completion_tokens', 'stream_options'])
