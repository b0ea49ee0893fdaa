import type { Call } from '../canonical/call.ts'
import type { ChatCall } from '../canonical/chat.ts'
import { GatewayError } from '../canonical/error.ts'
import type { JsonObject } from '../canonical/json.ts'
import type { BodyEdit, Dialect } from '../dialects/dialect.ts'
import { keptIn } from '../dialects/kept-names.ts'
import { readJsonBody } from '../wire/json-body.ts'
import { formBoundary } from '../wire/form-scan.ts'
import { scanJson, type JsonScan } from '../wire/json-scan.ts'
import { withKept, withState } from './name-state.ts'
import { readForm, type AskedForm } from './read-form.ts'
import { refuseSteering } from './refuse-steering.ts'

/** The canonical call beside the client's own bytes: what we judged is what we send. */
export interface Asked {
  readonly call: Call
  readonly dialect: Dialect
  readonly body: Buffer
  /** The body, with what the path says. */
  readonly value: JsonObject
  readonly scan: JsonScan
  /** Somewhere in free form the bytes have a key twice, of which the value has the last. */
  readonly hasRepeats: boolean
  /** Where the body is a form. Then its scan is empty. */
  readonly form?: AskedForm | undefined
  /** Bytes that may be text: of the body, but for the files of a form. */
  readonly textBytes: number
  /** The whole question in canonical words, read when it is first wanted. `undefined`: the operation has no such form. */
  chat(): ChatCall | undefined
}

/** As much of it as accounts go by. */
export type AskedSize = Pick<Asked, 'call' | 'textBytes'> & { readonly body: Pick<Buffer, 'length'> }

/**
 * @param address what the path says of the call: members of the value as those of the body are.
 * @param contentType of the body, where its dialect takes forms too.
 * @throws GatewayError `invalid_request`: not JSON, a repeated key, a field that would steer the call elsewhere, an impossible value.
 */
export function readAsked(dialect: Dialect, body: Buffer, address?: JsonObject, contentType?: string): Asked {
  const boundary = dialect.takesForms === true ? formBoundary(contentType) : undefined
  if (boundary !== undefined && contentType !== undefined)
    return askedInForm(dialect, body, readForm(body, contentType, boundary))
  const { value: said, scan, hasRepeats } = readJsonBody(body, dialect.isFreeForm)
  refuseSteering(body, said, scan, dialect.isFreeForm)
  const value = address ? { ...address, ...said } : said
  const call = withKept(dialect.readCall(value), body, said, scan, dialect.kept)
  if (hasRepeats) refuseUnseenState(call)
  if (address) refuseOtherAddress(dialect, call, { ...said, ...address })
  let chat: ChatCall | undefined
  return {
    call,
    dialect,
    body,
    value,
    scan,
    hasRepeats,
    textBytes: body.length,
    chat: () => (chat ??= dialect.translation?.readChat(value)),
  }
}

/** The same question with another body: read again, so that what is judged from now on is what it says now. */
export function judgedAnew({ dialect, value, form }: Asked, next: JsonObject): Asked {
  if (form) return readAsked(dialect, form.edited(changedFields(value, next)), undefined, form.contentType)
  const members = dialect.address?.members ?? []
  const inPath = Object.fromEntries(members.flatMap((key) => (value[key] === undefined ? [] : [[key, value[key]]])))
  const inBody = Object.fromEntries(Object.entries(next).filter(([key]) => !members.includes(key)))
  return readAsked(dialect, Buffer.from(JSON.stringify(inBody)), members.length === 0 ? undefined : inPath)
}

/** Texts of a form that were written anew. */
function changedFields(value: JsonObject, next: JsonObject): readonly BodyEdit[] {
  return Object.entries(next).flatMap(([key, text]) => {
    if (typeof text === 'string') return text === value[key] ? [] : [{ key, value: text }]
    if (JSON.stringify(text) === JSON.stringify(value[key])) return []
    throw new GatewayError(
      'guardrail_blocked',
      `a guardrail would write ${key} anew, which is no single text of the form`,
      {
        param: key,
      },
    )
  })
}

function askedInForm(dialect: Dialect, body: Buffer, form: AskedForm): Asked {
  const { value, textBytes } = form
  const read = dialect.readCall(value)
  const call = dialect.kept ? withState(read, keptIn(value, dialect.kept)) : read
  return {
    call,
    dialect,
    body,
    value,
    scan: scanJson(nothing),
    hasRepeats: false,
    form,
    textBytes,
    chat: () => undefined,
  }
}

const nothing = Buffer.from('{}')

/** Of two ids under one key only the last was judged, and the provider may read the first, which could be another organisation's. */
function refuseUnseenState({ state }: Call): void {
  const [named] = state ?? []
  if (named)
    throw new GatewayError(
      'invalid_request',
      `the body gives a key more than once, and names what is kept: ${named.param}`,
      {
        param: named.param,
      },
    )
}

/** A body may repeat what its path says, but not say something else: we would judge the one, and the provider might read the other. */
function refuseOtherAddress(dialect: Dialect, call: Call, addressed: JsonObject): void {
  const { modelName, isStream } = dialect.readCall(addressed)
  if (modelName !== call.modelName)
    throw new GatewayError('invalid_request', 'model names another model than the path does', { param: 'model' })
  if (isStream !== call.isStream)
    throw new GatewayError('invalid_request', 'stream says otherwise than the path does', { param: 'stream' })
}
