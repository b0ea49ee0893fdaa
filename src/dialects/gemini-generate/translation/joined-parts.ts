import type { Json, JsonObject } from '../../../canonical/json.ts'

/** Parts of text that follow one another, as one: a body need not tell in how many pieces they came. A signature ends a part. */
export function joinedParts(parts: readonly JsonObject[]): readonly Json[] {
  const joined: JsonObject[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    const { text } = part
    const isMore = last && typeof text === 'string' && typeof last['text'] === 'string' && goesOn(last, part)
    if (isMore) joined[joined.length - 1] = { ...last, ...part, text: `${last['text']}${text}` }
    else joined.push(part)
  }
  return joined
}

function goesOn(last: JsonObject, part: JsonObject): boolean {
  return last['thoughtSignature'] === undefined && (last['thought'] === true) === (part['thought'] === true)
}
