import { GatewayError } from '../../canonical/error.ts'
import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import { stepsOf } from '../../dialects/shared/form-fields.ts'
import { keptIn } from '../../dialects/kept-names.ts'
import { kept } from '../../dialects/openai-responses/kept.ts'
import { readState } from '../../dialects/openai-responses/read-state.ts'
import { objectOf } from './inner-calls.ts'
import type { UploadForm } from './multipart-upload.ts'
import type { NamedObject } from './own-objects.ts'

/**
 * Files that a body must name, each under a member of its own.
 * @throws GatewayError `invalid_request`, naming the member.
 */
export function filesNamedIn(value: JsonObject, members: readonly string[]): readonly NamedObject[] {
  return members.map((param) => {
    const id = value[param]
    if (typeof id !== 'string' || id === '')
      throw new GatewayError('invalid_request', `\`${param}\` must be the id of a file`, { param })
    return { id, kind: 'file', param }
  })
}

/** Files that it may name, each by itself or in a list. @throws GatewayError `invalid_request`, naming the member. */
export function filesListedIn(value: JsonObject, members: readonly string[]): readonly NamedObject[] {
  return members.flatMap((param) => listed(value[param]).map((one) => fileIn(one, param)))
}

/** The same of a form, which has them in fields of text. */
export function filesInForm({ fields }: UploadForm, members: readonly string[]): readonly NamedObject[] {
  return [...fields].flatMap(([name, value]) =>
    stepsOf(name).some((step) => members.includes(step)) ? [fileIn(value, name)] : [],
  )
}

function fileIn(said: Json, param: string): NamedObject {
  const id = isJsonObject(said) ? said['file_id'] : said
  if (typeof id === 'string' && id !== '') return { id, kind: 'file', param }
  throw new GatewayError('invalid_request', `\`${param}\` must name files by their ids`, { param })
}

/** What items of a conversation name: they are those that a call may hold. */
export function namedInItems({ items = null }: JsonObject): readonly NamedObject[] {
  const asCall = { input: items }
  const named = [...keptIn(asCall, kept), ...readState({}, listed(items))]
  return named.map((one) => objectOf({ ...one, param: one.param.replace('input', 'items') }))
}

function listed(value: Json | undefined): readonly Json[] {
  return value === undefined || value === null ? [] : isList(value) ? value : [value]
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}
