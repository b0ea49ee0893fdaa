import { isUtf8 } from 'node:buffer'
import type { Call } from '../../canonical/call.ts'
import type { Clock } from '../../canonical/clock.ts'
import { GatewayError } from '../../canonical/error.ts'
import { textPlaces, type TextPlace } from '../../canonical/guardrail.ts'
import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import type { Principal } from '../../canonical/principal.ts'
import { guardText, GuardNotes, nameOf } from '../../policies/guardrails/guard-text.ts'
import { Masks } from '../../policies/guardrails/masks.ts'
import type { GuardRule } from '../../policies/guardrails/rule.ts'
import { textOfBytes } from '../../policies/guardrails/encoded-text.ts'
import { textAt, textsOf, type Text } from '../../policies/guardrails/texts.ts'
import { isUrlEncoded } from '../../wire/form-scan.ts'
import { readJsonBody } from '../../wire/json-body.ts'
import { guardWhole } from '../guards/guard-answer.ts'
import { rulesInForce } from '../guards/guard-input.ts'
import { readJson } from '../read-json.ts'
import type { Snapshot } from '../snapshot.ts'
import { readUpload } from './multipart-upload.ts'

/** What leaves on a path that is carried, as it leaves. */
export interface LeavingBytes {
  readonly bytes: Buffer
  /** `undefined`: JSON. */
  readonly contentType: string | undefined
  /** Calls inside it were looked at by themselves: the file that holds them is not looked at again. */
  readonly hasCalls?: boolean
}

export interface GuardedBy {
  readonly call: Call
  readonly sizeBytes: number
  readonly principal: Principal
  readonly snapshot: Pick<Snapshot, 'guardrails' | 'catalog'>
  readonly clock: Clock
  /** Nothing is known of where its texts stand: every rule looks at all of them, whatever its `in` says. */
  readonly isUnknown: boolean
}

/**
 * Guardrails over bytes that are carried and not read as a call: JSON, forms, files, and what comes back. Text is looked at wherever
 * there is some: what is no UTF-8 is a picture, a sound or a document of another kind, in which chats are not looked at either.
 */
export class CarriedGuard {
  readonly notes: GuardNotes
  readonly #rules: readonly GuardRule[]
  readonly #isUnknown: boolean

  constructor({ call, sizeBytes, principal, snapshot, clock, isUnknown }: GuardedBy) {
    this.notes = new GuardNotes(clock)
    this.#isUnknown = isUnknown
    const asked = { call, body: { length: sizeBytes } }
    const rules = snapshot.guardrails.length === 0 ? [] : rulesInForce(snapshot, asked, principal, clock.nowMs())
    this.#rules = isUnknown ? rules.map((rule) => ({ ...rule, places: new Set(textPlaces) })) : rules
  }

  get looksAtAnswers(): boolean {
    return this.#rules.some(({ phases }) => phases.has('output'))
  }

  /**
   * What comes back is looked at once it is whole: in a stream the pieces of a text are none by themselves.
   * @param query of the path, without its `?`.
   * @throws GatewayError `unsupported` where it asks for a stream of an answer that a rule looks at.
   */
  mustBeWhole(query: string): void {
    if (!this.looksAtAnswers || new URLSearchParams(query).getAll('stream').every((told) => told === 'false')) return
    throw new GatewayError(
      'unsupported',
      'a guardrail looks at answers, and one that is kept cannot be looked at as a stream: ask for it without `stream`',
      { param: 'stream' },
    )
  }

  /**
   * What leaves must pass as it is: nothing of it is written anew, since its meaning is not known.
   * @throws GatewayError `unsupported` where a rule asks elsewhere; `invalid_request` for JSON that could be read in two ways; `guardrail_blocked`, naming the rule: it blocks, or would change what it found, or send it elsewhere.
   */
  async mustPass(leaving: LeavingBytes): Promise<void> {
    this.#mustBeJudgedHere()
    if (!this.#looksAtCalls || leaving.bytes.length === 0) return
    this.#mustPassTexts(await textsIn(leaving, this.#isUnknown))
  }

  /**
   * The same of what a client says beside the body.
   * @param where that is: `path`, or the name of a header.
   * @param texts decoded, each by itself: whatever stands before one is no part of it.
   */
  wordsMustPass(where: string, texts: readonly string[]): void {
    this.#mustBeJudgedHere()
    if (this.#looksAtCalls) this.#mustPassTexts(texts.map((text) => textAt(text, where, 'other')))
  }

  get #looksAtCalls(): boolean {
    return this.#rules.some(({ phases }) => phases.has('input'))
  }

  #mustBeJudgedHere(): void {
    const elsewhere = this.#rules.find(({ asked, action, isShadow }) => asked && action !== 'flag' && !isShadow)
    if (elsewhere)
      throw new GatewayError(
        'unsupported',
        `the guardrail ${nameOf(elsewhere)} asks a guard elsewhere, which is not asked about paths that are carried: leave them to others with its \`when\``,
      )
  }

  #mustPassTexts(texts: readonly Text[]): void {
    this.notes.timed('input', () => {
      for (const text of texts) guardText(this.#rules, text, 'input', this.notes, new Masks())
    })
    const changing = this.notes.decisions.find(
      ({ action, isShadow, phase }) => phase === 'input' && action !== 'flag' && action !== 'monitor' && !isShadow,
    )
    if (changing)
      throw new GatewayError(
        'guardrail_blocked',
        `the guardrail ${changing.rule} would ${changing.action} what looks like ${changing.kind}, which cannot be done on a path that is carried: leave it out`,
        { isLasting: true, param: changing.path, facts: { rule: changing.rule, kind: changing.kind, phase: 'input' } },
      )
  }

  /**
   * Looks at what comes back, before its record is written.
   * @returns gives it as its client may see it, or throws where a rule blocks it: `guardrail_blocked`.
   */
  lookAt(bytes: () => Buffer): () => Buffer {
    try {
      const told = this.#answered(bytes())
      return () => told
    } catch (thrown) {
      if (!(thrown instanceof GatewayError)) throw thrown
      return () => {
        throw thrown
      }
    }
  }

  /** The very same bytes where no rule changes anything. */
  #answered(bytes: Buffer): Buffer {
    if (!this.looksAtAnswers || bytes.length === 0 || !isUtf8(bytes)) return bytes
    const answer = {
      rules: this.#rules.filter(({ phases }) => phases.has('output')),
      masks: new Masks(),
      notes: this.notes,
    }
    const text = bytes.toString('utf8')
    const guard = (part: string): string => {
      const value = objectIn(part)
      const guarded = guardWhole(value ?? { text: part }, answer)
      if (value) return guarded === value ? part : JSON.stringify(guarded)
      return typeof guarded['text'] === 'string' ? guarded['text'] : part
    }
    const lines = text.split('\n')
    // Results of a batch, and whatever else has a JSON value a line.
    const isLines = jsonIn(text) === undefined && jsonIn(lines[0] ?? '') !== undefined
    const told = isLines ? lines.map((line) => (line === '' ? line : guard(line))).join('\n') : guard(text)
    return told === text ? bytes : Buffer.from(told)
  }
}

async function textsIn(
  { bytes, contentType, hasCalls = false }: LeavingBytes,
  isUnknown: boolean,
): Promise<readonly Text[]> {
  if (contentType !== undefined && /^multipart\/form-data\b/i.test(contentType)) {
    const { fields, files } = await readUpload(bytes, contentType)
    const named = files.map(({ name, file }) => textAt(file.name, `${name}.filename`, 'file-name'))
    const held = hasCalls
      ? []
      : await Promise.all(
          files.map(async ({ name, file }) => textsInBytes(Buffer.from(await file.arrayBuffer()), name, 'document')),
        )
    return [...[...fields].map(([name, value]) => textAt(value, name, 'other')), ...named, ...held.flat()]
  }
  if (hasCalls) return []
  if (contentType !== undefined && isUrlEncoded(contentType))
    return [...new URLSearchParams(bytes.toString('utf8'))].flatMap(([name, value]) => [
      textAt(name, name, 'other'),
      textAt(value, name, 'other'),
    ])
  // Of a member that is named twice, two readers may believe different ones.
  if (contentType === undefined || /\bjson\b/i.test(contentType)) readJsonBody(bytes, () => false)
  const value = isUnknown ? objectIn(bytes.toString('utf8')) : undefined
  // Whatever a member is called, it may hold anything.
  if (value) return [{ path: '', place: 'other', text: JSON.stringify(value), isJsonText: true }]
  return textsInBytes(bytes, '', 'other')
}

/** JSON by its structure, also line by line; the rest as one text. */
function textsInBytes(bytes: Buffer, path: string, place: TextPlace): readonly Text[] {
  const text = textOfBytes(bytes)
  if (text === undefined) return []
  const value = jsonIn(text)
  if (value !== undefined) return textsInJson(value, path, place)
  const rest: string[] = []
  const ofLines = text.split('\n').flatMap((line, index) => {
    const read = jsonIn(line)
    if (read !== undefined) return textsInJson(read, `${path}[${index}]`, place)
    rest.push(line)
    return []
  })
  return ofLines.length === 0 ? [textAt(text, path, place)] : [...ofLines, textAt(rest.join('\n'), path, place)]
}

function textsInJson(value: JsonObject | readonly Json[], path: string, place: TextPlace): readonly Text[] {
  return textsOf({ '': value }, (at) => (at === '' ? place : undefined)).map((one) => ({
    ...one,
    path: path === '' || one.path.startsWith('[') ? `${path}${one.path}` : `${path}.${one.path}`,
  }))
}

function objectIn(text: string): JsonObject | undefined {
  const value = jsonIn(text)
  return value !== undefined && isJsonObject(value) ? value : undefined
}

/** An object or a list. `undefined`: the text is none. */
function jsonIn(text: string): JsonObject | readonly Json[] | undefined {
  const value = /^\s*[{[]/.test(text) ? readJson(Buffer.from(text)) : undefined
  return value !== undefined && (isJsonObject(value) || Array.isArray(value)) ? value : undefined
}
