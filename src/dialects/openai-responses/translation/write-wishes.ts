import type { ChatCall, Reasoning } from '../../../canonical/chat.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { originOf, rewrite } from '../../../canonical/origin.ts'
import { effortWords } from '../../shared/translation/effort-words.ts'
import { put, type Draft } from '../../shared/translation/put.ts'
import { logprobsInclude } from '../read-call.ts'
import { dialectName, isOwn, keyFor } from './own.ts'
import { accountFor, type Pen } from './pen.ts'

export function putReasoning(draft: Draft, call: ChatCall, pen: Pen): void {
  const { reasoning } = call
  if (!reasoning) return
  if (isOwn(reasoning)) {
    draft['reasoning'] = rewrite<Reasoning>(reasoning, dialectName, ownReasoning)
    return
  }
  const { effort, carried } = effortWords(reasoning, pen.losses)
  put(draft, 'reasoning.effort', effort)
  // Models that do not think refuse the object, whatever stands in it.
  const isSummary = effort !== undefined && effort !== 'none' && reasoning.display === 'summarized'
  if (isSummary) put(draft, 'reasoning.summary', 'auto')
  // Thoughts are shown only where a summary is asked for.
  const isTold = isSummary || reasoning.display === 'omitted'
  accountFor(reasoning, isTold ? [...carried, 'display'] : carried, pen)
}

/** The odds are told by `include`. */
export function putLogprobs(draft: Draft, call: ChatCall, pen: Pen): void {
  const include = isOwn(call) ? ownInclude(call) : undefined
  const { logprobs } = call
  const isWanted = logprobs?.isWanted === true && (logprobs.topCount === undefined || !isOwn(logprobs))
  if (include) draft['include'] = include
  else if (isWanted) draft['include'] = [logprobsInclude]
  if (!logprobs) return
  put(draft, 'top_logprobs', logprobs.topCount)
  accountFor(logprobs, ['isWanted', 'topCount'], pen)
}

function ownReasoning(reasoning: Reasoning): JsonObject {
  const draft: Draft = {}
  put(draft, 'effort', reasoning.mode === 'off' ? 'none' : reasoning.effort)
  put(draft, keyFor(reasoning, 'display', 'summary'), reasoning.display === 'summarized' ? 'auto' : undefined)
  return draft
}

/** What a call asked to be told besides; the odds among it as they are wanted now. */
function ownInclude(call: ChatCall): readonly Json[] | undefined {
  const wire = originOf(call)?.wire
  const include = isJsonObject(wire) ? wire['include'] : undefined
  if (!Array.isArray(include)) return undefined
  const others = include.filter((one) => one !== logprobsInclude)
  return others.length < include.length && call.logprobs?.isWanted !== true ? others : include
}
