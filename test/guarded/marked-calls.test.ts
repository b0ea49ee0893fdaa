import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { ChatCall } from '../../src/canonical/chat.ts'
import { GatewayError } from '../../src/canonical/error.ts'
import { isJsonObject, type Json, type JsonObject } from '../../src/canonical/json.ts'
import { dialects } from '../../src/dialects/all.ts'
import { chatDialectNames, type Dialect } from '../../src/dialects/dialect.ts'
import { exchangesOf } from '../../src/dialects/laws/exchanges.ts'
import { materials } from '../../src/dialects/laws/material/all.ts'
import { markInput } from '../../src/gateway/guards/mark-input.ts'
import { readAsked, type Asked } from '../../src/gateway/read-asked.ts'
import { GuardNotes } from '../../src/policies/guardrails/guard-text.ts'
import { meaningOfMarks } from '../../src/policies/guardrails/mark-untrusted.ts'
import type { GuardRule } from '../../src/policies/guardrails/rule.ts'
import { corpusDir, reportMissingCorpus } from '../corpus.ts'

/*
 * Marks, on every call that the laws of dialects know, recorded ones too where there is a corpus: without the marks and the sentence that
 * explains them, a marked call says what it said before, and nothing else of it has changed.
 */
const rule: GuardRule = {
  name: 'marks',
  detectors: [],
  phases: new Set(['input']),
  places: new Set(['user', 'tool-result', 'document']),
  action: 'mark',
  tag: undefined,
  condition: undefined,
  isShadow: false,
}

const known: ReadonlySet<string> = new Set([
  // A result finds its call by the place of its message, which moves by one behind the prompt that was added.
  'golden/functions-before-there-were-tools: says something else',
  // A document of fields has its fields written as one text.
  'golden/documents-beside-the-messages: says something else',
])

const chats = chatDialectNames.map((name) => dialects[name]).filter(({ translation }) => !translation.isTextOnly)

if (corpusDir === undefined) reportMissingCorpus('marked calls')

describe.each(chats.map((dialect) => ({ name: dialect.name, dialect })))('marks in $name', ({ name, dialect }) => {
  const { calls } = exchangesOf(dialect, materials[name])

  it('change what they mark and explain it, and nothing else', () => {
    let marked = 0
    const wrong: string[] = []
    for (const { id, body } of calls) {
      const asked = askedOf(dialect, body)
      if (!asked) continue
      const notes = new GuardNotes()
      const next = markInput(asked, [rule], notes, { hashOf: () => '0123456789abcdef' })
      if (next === asked) continue
      marked += 1
      const left = withoutMarks(next.value)
      const [before, after] = [asked.chat(), isJsonObject(left) ? dialect.translation.readChat(left) : undefined]
      if (!before || !after || !isDeepStrictEqual(unexplained(after, before), before.messages))
        wrong.push(`${id}: says something else`)
      const hasPrompt = /^(?:system|developer)$/.test(before?.messages[0]?.role ?? '')
      if (hasPrompt && !isDeepStrictEqual(left, asked.value)) wrong.push(`${id}: something else has changed`)
    }
    expect(wrong.filter((one) => !known.has(one))).toEqual([])
    expect(marked).toBeGreaterThan(3)
  })
})

/** `undefined`: the law's case is no call that a client may send. */
function askedOf(dialect: Dialect, body: JsonObject): Asked | undefined {
  const members = dialect.address?.members ?? []
  const inPath = { model: 'm', stream: false, ...pick(body, (key) => members.includes(key)) }
  try {
    const said = pick(body, (key) => !members.includes(key))
    return readAsked(dialect, Buffer.from(JSON.stringify(said)), members.length === 0 ? undefined : inPath)
  } catch (thrown) {
    if (thrown instanceof GatewayError) return undefined
    throw thrown
  }
}

function pick(body: JsonObject, isWanted: (key: string) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([key]) => isWanted(key)))
}

function withoutMarks(value: Json): Json {
  if (typeof value === 'string')
    return value
      .replaceAll(/<untrusted-0123456789abcdef>\n([\s\S]*?)\n<\/untrusted-0123456789abcdef>/g, '$1')
      .replace(`\n\n${meaningOfMarks}`, '')
  if (Array.isArray(value)) return (value as readonly Json[]).map(withoutMarks)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutMarks(item)]))
}

/** The messages, without the prompt or the part of it that was added. */
function unexplained(after: ChatCall, before: ChatCall): unknown {
  const [first, ...rest] = after.messages
  if (!first || before.messages.length < after.messages.length) return rest
  const last = first.blocks.at(-1)
  const isAdded = last?.kind === 'text' && last.text === meaningOfMarks
  return isAdded ? [{ ...first, blocks: first.blocks.slice(0, -1) }, ...rest] : after.messages
}
