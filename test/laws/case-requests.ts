import { isJsonObject, type JsonObject } from '../../src/canonical/json.ts'
import { Losses } from '../../src/canonical/loss.ts'
import { dialects } from '../../src/dialects/all.ts'
import { writeSettings } from '../../src/dialects/laws/retell.ts'
import { recordings, type Recording } from '../corpus.ts'
import {
  factsOfChat,
  factsOfConverse,
  factsOfCohere,
  factsOfGenerate,
  factsOfMessages,
  factsOfResponses,
  type BodyFacts,
} from './body-facts.ts'
import type { Objections } from './published-schemas.ts'

/** One logical request that was recorded in both dialects, and what translating one side's body gives. */
export interface CaseFinding {
  /** Of the case, such as `simpleRequest`. */
  readonly name: string
  /** `openai-chat -> anthropic-messages` */
  readonly direction: string
  readonly id: string
  readonly objections: readonly string[]
  /** Facts in which the translated body differs from the body it was made of. */
  readonly fromSource: readonly FactDifference[]
  /** Facts of the caller's own (not of earlier answers) in which it differs from the body recorded at the other side. */
  readonly fromRecorded: readonly FactDifference[]
}

export interface FactDifference {
  readonly fact: keyof BodyFacts
  readonly left: string
  readonly right: string
}

interface Side {
  readonly name: CaseDialect
  readonly facts: (body: JsonObject) => BodyFacts
  readonly objections: Objections
  readonly recorded: ReadonlyMap<string, readonly Recording[]>
}

/** Every recorded `case` that exists in two dialects, each side's bodies translated to the other. */
export function caseFindings(objections: Readonly<Record<CaseDialect, Objections>>): readonly CaseFinding[] {
  const sides = caseDialects.map(({ name, api, provider, facts }) => ({
    name,
    facts,
    objections: objections[name],
    recorded: casesOf(recordings(api).filter((recording) => recording.provider === provider)),
  }))
  return sides.flatMap((from) => sides.filter((to) => to !== from).flatMap((to) => [...directed(from, to)]))
}

/** What becomes of a recorded case at Cohere, where none of them was recorded. */
export interface CohereFinding {
  readonly direction: string
  readonly id: string
  readonly objections: readonly string[]
  /** Facts in which the translated body differs from the recorded one. */
  readonly differences: readonly FactDifference[]
  /** Where the caller's body says what could not be told, or only roughly. */
  readonly losses: readonly string[]
}

/** Every recorded `case`, translated for Cohere. */
export function cohereFindings(objections: Objections): readonly CohereFinding[] {
  return caseDialects.flatMap(({ name, api, provider, facts }) => {
    const [reader, writer] = [dialects[name].translation, dialects['cohere-chat'].translation]
    const cases = recordings(api).filter((one) => one.provider === provider && one.case !== undefined)
    return cases.flatMap((one): readonly CohereFinding[] => {
      const said = bodyOf(one)
      if (!said) return []
      const losses = new Losses()
      const translated = writer.writeChat(reader.readChat(said), losses, writeSettings)
      return [
        {
          direction: `${name} -> cohere-chat`,
          id: one.id,
          objections: objections(translated),
          differences: differences(facts(said), factsOfCohere(translated), allFacts),
          losses: losses.list().map(({ path }) => path),
        },
      ]
    })
  })
}

/** Who was asked in each dialect. */
const caseDialects = [
  { name: 'openai-chat', api: 'chat', provider: 'openai', facts: factsOfChat },
  { name: 'anthropic-messages', api: 'messages', provider: 'anthropic', facts: factsOfMessages },
  { name: 'openai-responses', api: 'responses', provider: 'openai', facts: factsOfResponses },
  { name: 'gemini-generate', api: 'generate', provider: 'gemini', facts: factsOfGenerate },
  { name: 'bedrock-converse', api: 'converse', provider: 'bedrock', facts: factsOfConverse },
] as const
export type CaseDialect = (typeof caseDialects)[number]['name']

function* directed(from: Side, to: Side): Generator<CaseFinding> {
  const [reader, writer] = [dialects[from.name].translation, dialects[to.name].translation]
  for (const [name, sources] of from.recorded) {
    const counterparts = to.recorded.get(name) ?? []
    for (const source of sources) {
      const counterpart = counterparts.find(({ streaming }) => streaming === source.streaming) ?? counterparts[0]
      const [said, recorded] = [bodyOf(source), counterpart && bodyOf(counterpart)]
      if (!said || !recorded) continue
      const translated = writer.writeChat(reader.readChat(said), new Losses(), writeSettings)
      const facts = to.facts(translated)
      yield {
        name,
        direction: `${from.name} -> ${to.name}`,
        id: source.id,
        objections: to.objections(translated),
        fromSource: differences(from.facts(said), facts, allFacts),
        fromRecorded: differences(
          to.facts(recorded),
          facts,
          name.includes('#') ? callersFacts : [...callersFacts, ...answeredFacts],
        ),
      }
    }
  }
}

/** A follow-up holds the model's own earlier answer, which was another one at the other provider. */
const callersFacts = [
  ...(['system', 'user', 'tools', 'toolChoice', 'isParallel', 'outputCap'] as const),
  ...(['temperature', 'topP', 'stop', 'schema', 'effort'] as const),
]
const answeredFacts = ['assistant', 'toolCalls', 'toolResults'] as const
const allFacts = [...callersFacts, ...answeredFacts, 'isStream'] as const

function differences(
  left: BodyFacts,
  right: BodyFacts,
  facts: readonly (keyof BodyFacts)[],
): readonly FactDifference[] {
  return facts
    .map((fact) => ({ fact, left: JSON.stringify(left[fact]), right: JSON.stringify(right[fact]) }))
    .filter((one) => one.left !== one.right)
}

function casesOf(list: readonly Recording[]): ReadonlyMap<string, readonly Recording[]> {
  return Map.groupBy(
    list.filter((one) => one.case !== undefined),
    (one) => one.case ?? '',
  )
}

/** Gemini's calls, and Bedrock's, say in the path which model is asked, and whether for a stream. */
function bodyOf({ request, model, streaming }: Recording): JsonObject | undefined {
  const body: unknown = request?.body
  if (!isJsonObject(body)) return undefined
  return 'model' in body ? body : { model: model ?? 'm', ...body, ...(streaming && { stream: true }) }
}
