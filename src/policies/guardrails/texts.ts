import { GatewayError } from '../../canonical/error.ts'
import type { TextPlace } from '../../canonical/guardrail.ts'
import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import { bytesOfBase64, encodedText, typeToldBy } from './encoded-text.ts'

/** One text of a body. */
export interface Text {
  /** Where it stands: `messages[2].content[0].text`. */
  readonly path: string
  readonly place: TextPlace
  readonly text: string
  /** It is JSON text itself, as arguments and results of calls mostly are: what is put into it must keep it valid. */
  readonly isJsonText: boolean
  /** It stands in the body as an object, and not as a string. */
  readonly isObject?: true
  /** It is a file that says that it is a text, and that nobody can read for sure. */
  readonly isUnread?: true
}

/**
 * Names of members that a machine reads: what stands in them is chosen from a list, made by a provider, or encrypted, as long as it has
 * that form.
 */
export const machineWords: ReadonlySet<string> = new Set(
  (
    'type role object model status media_type mediaType mimeType mime_type encoding_format service_tier ' +
    'id call_id tool_call_id tool_use_id item_id response_id previous_response_id toolUseId responseId ' +
    'signature thought_signature thoughtSignature encrypted_content redactedContent ' +
    'finish_reason stop_reason finishReason stopReason system_fingerprint modelVersion'
  ).split(' '),
)

/** What a machine reads is one word, and no address. */
const isMachineWord = /^[^\s@]*$/

/** Members whose own members have names that somebody chose: those that elsewhere only a machine reads hold texts here. */
const namedFreely: ReadonlySet<string> = new Set([
  'variables',
  'promptVariables',
  'env',
  'labels',
  'attributes',
  'headers',
])

/** Members that hold a file, or an object that does, beside one that tells its type. */
export const fileMembers: ReadonlySet<string> = new Set(['data', 'bytes', 'source', 'file_data'])

/**
 * Members whose objects are whatever a client, a tool or a model wants: arguments, results, schemas, notes. Names of members, numbers
 * and what elsewhere only a machine reads may hold anything there, so that the whole is looked at as one JSON text.
 */
const freeForm: ReadonlyMap<string, TextPlace | undefined> = new Map([
  ...['input', 'args', 'arguments'].map((key) => [key, 'tool-arguments'] as const),
  ...['response', 'json'].map((key) => [key, 'tool-result'] as const),
  ...[
    'input_schema',
    'inputSchema',
    'parameters',
    'parametersJsonSchema',
    'output_schema',
    'schema',
    'metadata',
    'requestMetadata',
    'chat_template_kwargs',
    'additionalModelRequestFields',
    'data',
  ].map((key) => [key, undefined] as const),
])

/** Where a list is as free as an object. Elsewhere `input` and `data` are lists of what dialects have words for. */
const freeList =
  /(?:^|\.)(?:args|arguments|json|output_schema|schema|metadata|chat_template_kwargs)$|functionResponse\.response$|(?:toolUse|content\[\d+\])\.input$/

/** Elsewhere `response` is the answer itself, as events of Responses and of realtime sessions have it. */
const functionResponse = /function_?responses?(?:\[\d+\])?\.response$/i

/** Members that hold the name of a file. Converse says `name` of a document, where others have words of their own. */
const fileNames = /(?:^|\.)(?:filename|file_name|fileName|displayName|document\.name)$/

/** So long a run of base64 is a picture or a sound: nobody reads it as words. */
const shortestBinary = 512

/**
 * Every text of a body, in order, with where it stands. By the body's own structure, so that what no canonical word carries is there too.
 * @param placeAt what is known of a path and the value there: the place of that node, and of what lies below it.
 */
export function textsOf(
  body: JsonObject,
  placeAt: (path: string, value: Json) => TextPlace | undefined,
): readonly Text[] {
  const texts: Text[] = []
  visit(body, '', '', 'other', undefined, placeAt, (text) => {
    texts.push(text)
    return text.text
  })
  return texts
}

/**
 * The body with some texts written anew. What holds none of them is the very same value.
 * @throws GatewayError `guardrail_blocked` where what is left of a free-form object would be no JSON.
 */
export function replaceTexts(body: JsonObject, replacements: ReadonlyMap<string, string>): JsonObject {
  const replaced = visit(
    body,
    '',
    '',
    'other',
    undefined,
    () => undefined,
    ({ path, text }) => replacements.get(path) ?? text,
  )
  return isJsonObject(replaced) ? replaced : body
}

function visit(
  value: Json,
  path: string,
  /** Of the member that it is. Empty: it is an element of a list. */
  key: string,
  above: TextPlace,
  /** What an object around it says that it is, where it may be a file. */
  mediaType: string | undefined,
  placeAt: (path: string, value: Json) => TextPlace | undefined,
  take: (text: Text) => string,
): Json {
  const place = placeAt(path, value) ?? above
  if (typeof value === 'string') {
    const document = encodedText(value, mediaType)
    if (document) {
      const text = textAt(document.text, path, place)
      const written = take(document.isUnread ? { ...text, isUnread: true } : text)
      return written === document.text ? value : document.encoded(written)
    }
    return isBinary(value) ? value : take(textAt(value, path, place))
  }
  if (isFreeForm(value, path, key)) return visitFreeForm(value, path, freeForm.get(key) ?? place, take)
  if (Array.isArray(value)) {
    let changed: Json[] | undefined
    for (const [index, item] of (value as readonly Json[]).entries()) {
      const next = visit(item, `${path}[${index}]`, '', place, undefined, placeAt, take)
      if (next !== item) (changed ??= [...value])[index] = next
    }
    return changed ?? value
  }
  if (!isJsonObject(value)) return value
  let changed: Record<string, Json> | undefined
  const type = value['type'] === 'text' ? undefined : (typeToldBy(value) ?? mediaType ?? '')
  const isFree = namedFreely.has(key)
  for (const [index, [name, item]] of Object.entries(value).entries()) {
    if (!isFree && machineWords.has(name) && typeof item === 'string' && isMachineWord.test(item)) continue
    const held = fileMembers.has(name) ? type : undefined
    const next = visit(item, memberPath(path, name, index), name, place, held, placeAt, take)
    if (next !== item) (changed ??= { ...value })[name] = next
  }
  return changed ?? value
}

/** Whether a value may be anything that a client, a tool or a model wants. @param key of the member that it is. */
export function isFreeForm(value: Json, path: string, key: string): boolean {
  if (Array.isArray(value)) return freeForm.has(key) && freeList.test(path)
  return isJsonObject(value) && freeForm.has(key) && (key !== 'response' || functionResponse.test(path))
}

/** Of longer names a path tells the beginning, and where the member stands: it is told for each of a hundred thousand texts below it. */
const longestName = 128

function memberPath(path: string, name: string, index: number): string {
  const told = name.length > longestName ? `${name.slice(0, longestName)}…${index}` : name
  return path === '' ? told : `${path}.${told}`
}

/** As a dialect whose arguments are JSON text has them. */
function visitFreeForm(value: Json, path: string, place: TextPlace, take: (text: Text) => string): Json {
  const text = JSON.stringify(value)
  const next = take({ path, place, text, isJsonText: true, isObject: true })
  if (next === text) return value
  try {
    const read: Json = JSON.parse(next)
    return read
  } catch (thrown) {
    throw new GatewayError('guardrail_blocked', `a guardrail would write ${path} anew, and what is left is no JSON`, {
      param: path,
      cause: thrown,
    })
  }
}

/** A text by itself. */
export function textAt(text: string, path: string, above: TextPlace): Text {
  const place = fileNames.test(path) ? 'file-name' : above
  return { path, place, text, isJsonText: opensJson.test(text) && (place === 'tool-arguments' || isJson(text)) }
}

const opensJson = /^\s*[{[]/

/** Whether a text that opens as an object or an array is one. */
function isJson(text: string): boolean {
  if (!/[}\]]$/.test(text.trimEnd().slice(-1))) return false
  try {
    JSON.parse(text)
    return true
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return false
    throw thrown
  }
}

/** Whether a text is a long run of base64 and nothing else, as it is or as a data URL. */
export function isBinary(text: string): boolean {
  if (text.length < shortestBinary) return false
  const lead = /^data:(?:image|audio|video|application)\/[^,]{1,200};base64,/.exec(text)?.[0] ?? ''
  // Most texts show by their first signs that they are none.
  if (!/^[A-Za-z0-9+/_-]{480}/.test(text.slice(lead.length, lead.length + shortestBinary))) return false
  return bytesOfBase64(text.slice(lead.length)) !== undefined
}
