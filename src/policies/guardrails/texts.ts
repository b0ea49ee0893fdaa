import type { TextPlace } from '../../canonical/guardrail.ts'
import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'

/** One text of a body. */
export interface Text {
  /** Where it stands: `messages[2].content[0].text`. */
  readonly path: string
  readonly place: TextPlace
  readonly text: string
  /** It is JSON text itself, as the arguments of a call are in some dialects: what is put into it must keep it valid. */
  readonly isJsonText: boolean
}

/** Names of members that a machine reads: what stands in them is chosen from a list, made by a provider, or encrypted. */
const machineWords: ReadonlySet<string> = new Set(
  (
    'type role object model status media_type mediaType mimeType mime_type encoding_format service_tier ' +
    'id call_id tool_call_id tool_use_id item_id response_id previous_response_id toolUseId responseId ' +
    'signature thought_signature thoughtSignature encrypted_content redactedContent ' +
    'finish_reason stop_reason finishReason stopReason system_fingerprint modelVersion'
  ).split(' '),
)

/** Text in so long a run of base64 is a picture or a sound: nobody reads it as words. */
const shortestBinary = 512

/**
 * Every text of a body, in order, with where it stands. By the body's own structure, so that what no canonical word carries is there too.
 * @param placeAt what is known of a path: the place of that node, and of what lies below it.
 */
export function textsOf(body: JsonObject, placeAt: (path: string) => TextPlace | undefined): readonly Text[] {
  const texts: Text[] = []
  visit(body, '', 'other', placeAt, (text) => {
    texts.push(text)
    return text.text
  })
  return texts
}

/** The body with some texts written anew. What holds none of them is the very same value. */
export function replaceTexts(body: JsonObject, replacements: ReadonlyMap<string, string>): JsonObject {
  const replaced = visit(
    body,
    '',
    'other',
    () => undefined,
    ({ path, text }) => replacements.get(path) ?? text,
  )
  return isJsonObject(replaced) ? replaced : body
}

function visit(
  value: Json,
  path: string,
  above: TextPlace,
  placeAt: (path: string) => TextPlace | undefined,
  take: (text: Text) => string,
): Json {
  const place = placeAt(path) ?? above
  if (typeof value === 'string') return isBinary(value) ? value : take(textAt(value, path, place))
  if (Array.isArray(value)) {
    let changed: Json[] | undefined
    for (const [index, item] of (value as readonly Json[]).entries()) {
      const next = visit(item, `${path}[${index}]`, place, placeAt, take)
      if (next !== item) (changed ??= [...value])[index] = next
    }
    return changed ?? value
  }
  if (!isJsonObject(value)) return value
  let changed: Record<string, Json> | undefined
  for (const [key, item] of Object.entries(value)) {
    if (machineWords.has(key) && typeof item === 'string') continue
    const next = visit(item, path === '' ? key : `${path}.${key}`, place, placeAt, take)
    if (next !== item) (changed ??= { ...value })[key] = next
  }
  return changed ?? value
}

function textAt(text: string, path: string, place: TextPlace): Text {
  return { path, place, text, isJsonText: place === 'tool-arguments' && /^\s*[{[]/.test(text) }
}

function isBinary(text: string): boolean {
  if (text.length < shortestBinary) return false
  return /^(?:data:(?:image|audio|video|application)\/[^,]{1,200};base64,)?[A-Za-z0-9+/_=-]{480}/.test(
    text.slice(0, 700),
  )
}
