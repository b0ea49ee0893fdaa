import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import type { Losses } from '../../canonical/loss.ts'
import { isFreeForm, replaceTexts } from './texts.ts'

/**
 * What spells once more the texts that stand beside it: tokens with their odds (Chat Completions, Responses, Cohere; Gemini), and words and
 * segments with their times (transcripts).
 */
const spellings: ReadonlySet<string> = new Set(['logprobs', 'logprobsResult', 'words', 'segments'])

/**
 * An answer with some texts written anew (`replaceTexts`), without what would still spell them beside that.
 * @param losses told of what is left out. Absent: nobody is told.
 */
export function replaceInAnswer(
  body: JsonObject,
  replacements: ReadonlyMap<string, string>,
  losses?: Losses,
): JsonObject {
  const written = withoutSpellings(body, replaceTexts(body, replacements), '', losses)
  return isJsonObject(written) ? written : body
}

/** @param before the same value where nothing in it was written anew. */
function withoutSpellings(before: Json, after: Json, path: string, losses: Losses | undefined): Json {
  if (before === after) return after
  if (Array.isArray(before) && Array.isArray(after))
    return (after as readonly Json[]).map((item, index) =>
      withoutSpellings((before as readonly Json[])[index] ?? null, item, `${path}[${index}]`, losses),
    )
  if (!isJsonObject(before) || !isJsonObject(after)) return after
  const kept: Record<string, Json> = {}
  for (const [key, item] of Object.entries(after)) {
    const at = path === '' ? key : `${path}.${key}`
    if (spellings.has(key) && typeof item === 'object' && item !== null)
      losses?.note(at, 'lost', 'a guardrail has changed the text that it spells')
    else kept[key] = isFreeForm(item, at, key) ? item : withoutSpellings(before[key] ?? null, item, at, losses)
  }
  return kept
}
