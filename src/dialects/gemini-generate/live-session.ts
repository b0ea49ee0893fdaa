import { GatewayError } from '../../canonical/error.ts'
import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import type { Usage } from '../../canonical/usage.ts'
import { readJsonBody } from '../../wire/json-body.ts'
import { parseUnscannedJson } from '../../wire/json-parse.ts'
import { readModelName } from '../shared/call-fields.ts'
import { memberOf, partOf, spelledTwice } from '../vendors/gemini/spelling.ts'
import { geminiNames } from '../vendors/gemini/kept.ts'
import { bareName, resourceName } from '../vendors/gemini/path.ts'
import { keptIn } from '../kept-names.ts'
import { mayHold, type SessionNews, type SessionWords } from '../session-words.ts'
import { isFreeForm } from './free-form.ts'
import { readUsage } from './read-usage.ts'

/** The first message of a session of Gemini's Live API: what it is to be. */
export interface LiveSetup {
  readonly modelName: string
  /** The session that it goes on with, under the name that its provider gave it. */
  readonly resumes: string | undefined
  /** As the body of a call, for what such a body may not hold or must name. */
  readonly asBody: JsonObject
  /** The message for a model that has this name there. */
  wordedFor(modelName: string): string
}

/**
 * Reads the first message (Gemini docs, Live API, WebSockets reference, read 2026-11).
 * @throws GatewayError `invalid_request`.
 */
export function readLiveSetup(text: string): LiveSetup {
  const { value } = readJsonBody(Buffer.from(text), ([first, ...path]) => first === 'setup' && isFreeForm(path))
  const { setup } = value
  if (!isJsonObject(setup) || Object.keys(value).length !== 1)
    throw refusal('setup', 'the first message of a session must hold `setup`, and nothing else')
  const twice = spelledTwice(setup, isFreeForm)
  if (twice !== undefined) throw refusal(`setup.${twice}`, `\`setup.${twice}\` is spelled in two ways`)
  const modelName = bareName(readModelName(setup, 'setup.model'))
  const handle = memberOf(partOf(setup, 'sessionResumption'), 'handle')
  return {
    modelName,
    resumes: typeof handle === 'string' && handle !== '' ? handle : undefined,
    asBody: { contents: [], ...setup, model: modelName },
    wordedFor: (there) => JSON.stringify({ setup: { ...setup, model: resourceName(there) } }),
  }
}

const clientWords = ['"setup"', 'fileData', 'file_data'] as const
/** By these the client ends its turn. Sound ends one by itself, where the provider hears so. */
const asking = ['turnComplete', 'turn_complete', 'toolResponse', 'tool_response'] as const
const told = ['"usageMetadata"', '"sessionResumptionUpdate"'] as const
const generated = ['"modelTurn"', '"toolCall"', '"outputTranscription"'] as const

/**
 * The messages after it. Every turn bills the whole of what was said so far, and tells so by itself: counts are of one turn and not of
 * the session (measured for pydantic-ai, its pull request 7269, 2026-08). A turn that calls tools may tell in parts.
 */
export function liveSession(): SessionWords {
  let isAllTold = true
  return {
    worded: (text) => {
      if (asking.some((word) => text.includes(word))) isAllTold = false
      if (!mayHold(text, clientWords)) return text
      const { value } = readJsonBody(Buffer.from(text), (path) => path.length > 0)
      if (value['setup'] !== undefined)
        throw refusal('setup', 'a session stays as it was set up: open another one for another `setup`')
      if (namesFile(value))
        throw new GatewayError(
          'unsupported',
          'files that were sent before cannot be named in a session: send their content',
        )
      return text
    },
    hear: (text): SessionNews => {
      // Sound comes in many messages, none of which is parsed.
      if (generated.some((word) => text.includes(word))) isAllTold = false
      if (!told.some((word) => text.includes(word))) return {}
      const message: Json = parseUnscannedJson(text)
      if (!isJsonObject(message)) return {}
      const usage = usageOf(message)
      if (usage) isAllTold = true
      const name = partOf(message, 'sessionResumptionUpdate')['newHandle']
      return { usage, keptAs: typeof name === 'string' && name !== '' ? name : undefined }
    },
    get isAllTold() {
      return isAllTold
    },
    // Nothing but the closing of the connection tells.
    problemEvent: () => undefined,
  }
}

/** The counts of a call, but that what was answered has other names. */
function usageOf({ usageMetadata: said }: JsonObject): Usage | undefined {
  if (!isJsonObject(said)) return undefined
  const { responseTokenCount, responseTokensDetails, ...rest } = said
  return readUsage({
    ...rest,
    ...(responseTokenCount !== undefined && { candidatesTokenCount: responseTokenCount }),
    ...(responseTokensDetails !== undefined && { candidatesTokensDetails: responseTokensDetails }),
  })
}

/** A file anywhere in it that its provider keeps, perhaps for another. */
function namesFile(message: JsonObject): boolean {
  return keptIn(message, namesInMessages).some(({ kind }) => kind === 'file')
}

const namesInMessages = geminiNames(() => false)

function refusal(param: string, message: string): GatewayError {
  return new GatewayError('invalid_request', message, { param })
}
