import { isJsonObject, type JsonObject } from '../../src/canonical/json.ts'
import { dialects } from '../../src/dialects/all.ts'
import { materials } from '../../src/dialects/laws/material/all.ts'
import { recordings, type Recording } from '../corpus.ts'

/** The dialects in which the same logical requests (`case`) were recorded, and at whom. */
export const recordedDialects = {
  'openai-chat': { api: 'chat', provider: 'openai' },
  'anthropic-messages': { api: 'messages', provider: 'anthropic' },
  'openai-responses': { api: 'responses', provider: 'openai' },
  'gemini-generate': { api: 'generate', provider: 'gemini' },
  'bedrock-converse': { api: 'converse', provider: 'bedrock' },
} as const
export type ClientDialect = keyof typeof recordedDialects
export const clientDialects = Object.keys(recordedDialects) as readonly ClientDialect[]

/** One recorded request of a client. */
export interface MatrixCase {
  /** `simpleRequest`, or `simpleRequest#followup`. */
  readonly name: string
  readonly id: string
  readonly client: ClientDialect
  readonly isStream: boolean
  /** As it was sent. */
  readonly body: JsonObject
}

/** Our own and, where there is a corpus, everything that was recorded. */
export function casesOf(client: ClientDialect): readonly MatrixCase[] {
  return [ownCase(client, false), ownCase(client, true), ...recordedCases(client)]
}

/** A few words, asked for as a whole or as a stream. Some say in the path which of them is meant, and of which model. */
function ownCase(client: ClientDialect, isStream: boolean): MatrixCase {
  const { model, stream: _stream, ...rest } = plainCallIn(client)
  const isInPath = dialects[client].address !== undefined
  const body = isInPath ? rest : { ...rest, model: model ?? 'm', ...(isStream && { stream: true }) }
  return { name: isStream ? 'our own, streamed' : 'our own', id: 'own', client, isStream, body }
}

function plainCallIn(client: ClientDialect): JsonObject {
  const call = materials[client].golden.find(({ name }) => name === 'plain-text')?.call
  if (!call) throw new Error(`there is no plain call in ${client}`)
  return call
}

function recordedCases(client: ClientDialect): readonly MatrixCase[] {
  return recorded(client).flatMap(({ case: name, id, streaming, request }) => {
    const body: unknown = request?.body
    if (name === undefined || !isJsonObject(body)) return []
    // What was refused did not come as a stream, though it was asked for as one.
    return [{ name, id, client, isStream: streaming || body['stream'] === true, body }]
  })
}

/** What was answered to the same request at the provider of another dialect; `undefined`: it was not recorded there. */
export type Counterpart = (one: MatrixCase) => Recording | undefined

export function counterpartsIn(dialect: ClientDialect): Counterpart {
  const byName = Map.groupBy(recorded(dialect), (one) => one.case)
  return ({ name, id, isStream }) => {
    const good = (byName.get(name) ?? []).filter(
      ({ response, streaming }) => response.status === 200 && streaming === isStream,
    )
    return good.find((one) => one.id === id) ?? good[0]
  }
}

function recorded(dialect: ClientDialect): readonly Recording[] {
  const { api, provider } = recordedDialects[dialect]
  return recordings(api).filter((one) => one.provider === provider && one.case !== undefined)
}
