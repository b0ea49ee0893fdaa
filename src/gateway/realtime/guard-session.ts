import type { Call } from '../../canonical/call.ts'
import type { Clock } from '../../canonical/clock.ts'
import { GatewayError } from '../../canonical/error.ts'
import type { TextPlace } from '../../canonical/guardrail.ts'
import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import type { Principal } from '../../canonical/principal.ts'
import { guardText, GuardNotes, nameOf } from '../../policies/guardrails/guard-text.ts'
import { lastNameOf } from '../../policies/guardrails/answer-places.ts'
import { Masks } from '../../policies/guardrails/masks.ts'
import type { GuardRule } from '../../policies/guardrails/rule.ts'
import { replaceTexts, textsOf } from '../../policies/guardrails/texts.ts'
import { GuardedEvents, type EventPiece, type EventWords } from '../guards/guard-events.ts'
import { rulesInForce } from '../guards/guard-input.ts'
import { readJson } from '../read-json.ts'
import type { Snapshot } from '../snapshot.ts'

/** Guardrails over one realtime session. */
export interface SessionGuard {
  readonly notes: GuardNotes
  /**
   * A message of the client's as it may leave; the very same text where no rule changes anything.
   * @throws GatewayError `guardrail_blocked`: the session ends.
   */
  said(text: string): string
  /**
   * A message of the provider's as its client may see it: none, or several, since the end of a text may be held back.
   * @throws GatewayError `guardrail_blocked`: the session ends.
   */
  heard(text: string): readonly string[]
  /**
   * The provider says no more. @returns what is still held back of what it said.
   * @throws GatewayError `guardrail_blocked`.
   */
  heardAll(): readonly string[]
}

export interface GuardedSession {
  readonly call: Call
  readonly principal: Principal
  readonly snapshot: Pick<Snapshot, 'guardrails' | 'catalog'>
  readonly clock: Clock
}

/**
 * @returns `undefined` where no rule is in force.
 * @throws GatewayError `unsupported` for rules that cannot be kept in a session: what was masked would have to come back in sound, and a
 *   session stays with its target.
 */
export function openSessionGuard({ call, principal, snapshot, clock }: GuardedSession): SessionGuard | undefined {
  if (snapshot.guardrails.length === 0) return undefined
  const rules = rulesInForce(snapshot, { call, body: { length: 0 } }, principal, clock.nowMs())
  if (rules.length === 0) return undefined
  const unkept = rules.find(
    ({ action, isShadow, asked }) =>
      !isShadow && (action === 'mask' || action === 'route' || action === 'mark' || asked),
  )
  if (unkept)
    throw new GatewayError(
      'unsupported',
      `the guardrail ${nameOf(unkept)} cannot be kept in a realtime session: only rules that block, redact or flag by what is found here can; leave sessions to others with its \`when\``,
    )
  return new RulesOverSession(rules, clock)
}

class RulesOverSession implements SessionGuard {
  readonly notes: GuardNotes
  readonly #rules: readonly GuardRule[]
  readonly #events: GuardedEvents | undefined
  /** Nothing is masked. */
  readonly #masks = new Masks()

  constructor(rules: readonly GuardRule[], clock: Clock) {
    this.notes = new GuardNotes(clock)
    this.#rules = rules
    const answering = rules.filter(({ phases }) => phases.has('output'))
    if (answering.length > 0)
      this.#events = new GuardedEvents(sessionWords, { rules: answering, masks: this.#masks, notes: this.notes })
  }

  said(text: string): string {
    const event = eventIn(text)
    const replacements = new Map<string, string>()
    this.notes.timed('input', () => {
      for (const one of textsOf(event, placeInSession)) {
        const written = guardText(this.#rules, one, 'input', this.notes, this.#masks)
        if (written !== undefined) replacements.set(one.path, written)
      }
    })
    return replacements.size === 0 ? text : JSON.stringify(replaceTexts(event, replacements))
  }

  heard(text: string): readonly string[] {
    const events = this.#events
    if (!events) return [text]
    const event = eventIn(text)
    const told = this.notes.timed('output', () => events.take(event))
    return told.map((one) => (one === event ? text : JSON.stringify(one)))
  }

  heardAll(): readonly string[] {
    const events = this.#events
    return events ? this.notes.timed('output', () => events.end()).map((one) => JSON.stringify(one)) : []
  }
}

/** What is no JSON object is a text like any other. */
function eventIn(text: string): JsonObject {
  const value = readJson(Buffer.from(text))
  if (value === undefined || !isJsonObject(value))
    throw new GatewayError('guardrail_blocked', 'a message of the session is no JSON object, and cannot be looked at')
  return value
}

/** Events of OpenAI's (Realtime API, read 2026-11) and of Gemini's Live API (read 2026-11). */
function placeInSession(path: string, value: Json): TextPlace | undefined {
  if (path === '') return 'user'
  const name = lastNameOf(path)
  if (name === 'instructions' || /^system_?[iI]nstruction$/.test(name)) return 'system'
  if (name === 'tools') return 'tool-definition'
  if (/^(?:toolResponse|tool_response|functionResponses?|function_responses?)$/.test(name)) return 'tool-result'
  if (!isJsonObject(value)) return undefined
  const { type, role } = value
  if (type === 'function_call_output' || type === 'mcp_call') return 'tool-result'
  if (type === 'function_call') return 'tool-arguments'
  if (role === 'assistant' || role === 'model') return 'assistant'
  return role === 'system' ? 'system' : undefined
}

const sessionWords: EventWords = {
  piecesIn: (event) => [...openAiPieces(event), ...livePieces(event)],
  ends: ({ key }, event) => (key.startsWith('live ') ? endsLive(event) : endsOpenAi(key, event)),
  holdsMore: (event) => livePieces(event).length > 0 && holdsMoreLive(event),
  alone: ({ key }, text) => (key.startsWith('live ') ? aloneLive(key, text) : undefined),
}

function openAiPieces(event: JsonObject): readonly EventPiece[] {
  const { type, delta } = event
  // Sound comes in pieces too, which are no text.
  if (typeof type !== 'string' || typeof delta !== 'string' || delta === '' || type.endsWith('audio.delta')) return []
  return [{ key: keyOf(event), text: delta, path: 'delta', isArguments: type.endsWith('arguments.delta') }]
}

/** `response.output_text item_1 0 resp_1`: what the event that ends it is named after as well. */
function keyOf({ type, item_id: item, content_index: part = '', response_id: response = '' }: JsonObject): string {
  const named = typeof type === 'string' ? type.replace(/\.(?:delta|done|completed|failed)$/, '') : ''
  return `${named} ${String(item)} ${String(part)} ${String(response)}`
}

/** What a user said is transcribed beside all else: no end of an item or of a response is an end of that, and an `error` ends nothing. */
function endsOpenAi(key: string, event: JsonObject): boolean {
  const { type, item, item_id: of, response } = event
  if (typeof type !== 'string' || type.endsWith('.delta')) return false
  if (keyOf(event) === key) return true
  if (!type.endsWith('.done') || !key.startsWith('response.')) return false
  const [, ofItem, , ofResponse] = key.split(' ')
  return type === 'response.done' ? (idOf(response) ?? '') === ofResponse : (idOf(item) ?? of) === ofItem
}

function idOf(value: Json | undefined): Json | undefined {
  return value !== undefined && isJsonObject(value) ? value['id'] : undefined
}

/** What the model says, and what it and the client are heard to say. */
function livePieces({ serverContent }: JsonObject): readonly EventPiece[] {
  if (serverContent === undefined || !isJsonObject(serverContent)) return []
  const heard = (['inputTranscription', 'outputTranscription'] as const).flatMap((member): readonly EventPiece[] => {
    const said = serverContent[member]
    const text = said !== undefined && isJsonObject(said) ? said['text'] : undefined
    if (typeof text !== 'string' || text === '') return []
    return [{ key: `live ${member}`, text, path: `serverContent.${member}.text`, isArguments: false }]
  })
  const { modelTurn } = serverContent
  const parts = modelTurn !== undefined && isJsonObject(modelTurn) ? modelTurn['parts'] : undefined
  if (!Array.isArray(parts)) return heard
  const said = (parts as readonly Json[]).flatMap((part, place): readonly EventPiece[] => {
    const { text, thought } = isJsonObject(part) ? part : {}
    if (typeof text !== 'string' || text === '') return []
    const key = thought === true ? 'live thought' : 'live text'
    return [{ key, text, path: `serverContent.modelTurn.parts[${place}].text`, isArguments: false }]
  })
  return [...said, ...heard]
}

/** Beside what is said there may be sound, and what the turn has used. */
function holdsMoreLive({ serverContent, ...others }: JsonObject): boolean {
  if (Object.keys(others).length > 0 || serverContent === undefined || !isJsonObject(serverContent)) return true
  const { modelTurn, inputTranscription: _, outputTranscription: __, ...more } = serverContent
  const parts = modelTurn !== undefined && isJsonObject(modelTurn) ? modelTurn['parts'] : []
  const isText = (part: Json) => isJsonObject(part) && typeof part['text'] === 'string'
  return Object.keys(more).length > 0 || !Array.isArray(parts) || !(parts as readonly Json[]).every(isText)
}

/** Sound and usage have been told with the message that the text was held back from. */
function aloneLive(key: string, text: string): JsonObject {
  const member = key.slice('live '.length)
  if (member.endsWith('Transcription')) return { serverContent: { [member]: { text } } }
  return { serverContent: { modelTurn: { parts: [member === 'thought' ? { text, thought: true } : { text }] } } }
}

function endsLive({ serverContent, toolCall }: JsonObject): boolean {
  if (toolCall !== undefined) return true
  if (serverContent === undefined || !isJsonObject(serverContent)) return false
  const { turnComplete, generationComplete, interrupted } = serverContent
  return turnComplete === true || generationComplete === true || interrupted === true
}
