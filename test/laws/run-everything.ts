import { dialects } from '../../src/dialects/all.ts'
import { chatDialectNames, type Dialect } from '../../src/dialects/dialect.ts'
import { errorsKeepKind } from '../../src/dialects/laws/errors-keep-kind.ts'
import { exchangesOf, type Exchanges } from '../../src/dialects/laws/exchanges.ts'
import type { Effort, FieldsTold, Subject } from '../../src/dialects/laws/law.ts'
import { materials } from '../../src/dialects/laws/material/all.ts'
import type { Material } from '../../src/dialects/laws/material.ts'
import { laws, resultsOf, type LawResult } from '../../src/dialects/laws/run-laws.ts'
import { recordedEmbedders } from './embedders.ts'
import { coherePublished } from './cohere-schema.ts'
import { embeddingsResults } from './embeddings-laws.ts'
import { conversePublished } from './converse-schema.ts'
import { publishedLaws } from './published-laws.ts'
import {
  chatPublished,
  completionsPublished,
  generatePublished,
  messagesPublished,
  responsesPublished,
} from './published-schemas.ts'

export interface Everything {
  readonly results: readonly LawResult[]
  readonly told: readonly FieldsTold[]
  readonly exchanges: ReadonlyMap<string, Exchanges>
  /** How long each law took, over all dialects. */
  readonly lawMs: ReadonlyMap<string, number>
}

/** A chat dialect with all that the laws need of it. */
export interface Member {
  readonly subject: Subject
  readonly material: Material
}

/**
 * Runs every law on every dialect: on our own cases and, where there is a corpus, on every recorded exchange.
 * @param only what the names of the laws to run hold.
 */
export function runEverything(effort: Effort, isRecorded = true, only = ''): Everything {
  const all = members()
  const results: LawResult[] = []
  const told: FieldsTold[] = []
  const exchangesByName = new Map<string, Exchanges>()
  const lawMs = new Map<string, number>()
  const allLaws = [
    ...laws,
    ...publishedLaws({
      'openai-chat': chatPublished(),
      'anthropic-messages': messagesPublished(),
      'openai-responses': responsesPublished(),
      'openai-completions': completionsPublished(),
      'gemini-generate': generatePublished(),
      'bedrock-converse': conversePublished(),
      'cohere-chat': coherePublished(),
    }),
  ]
  const isWanted = ({ name }: { name: string }) => name.includes(only)
  const timed = (law: string, run: () => readonly LawResult[]) => {
    const start = performance.now()
    results.push(...run())
    lawMs.set(law, (lawMs.get(law) ?? 0) + performance.now() - start)
  }
  for (const { subject, material } of all) {
    const others = all.map((other) => other.subject).filter((other) => other !== subject)
    const exchanges = exchangesOf(subject, material, isRecorded)
    exchangesByName.set(subject.name, exchanges)
    const bench = { subject, others, exchanges, material, effort, note: (fields: FieldsTold) => void told.push(fields) }
    for (const { name, trials } of allLaws.filter(isWanted))
      timed(name, () => resultsOf(name, subject.name, trials(bench)))
  }
  const speakers: readonly Dialect[] = Object.values(dialects)
  for (const speaker of speakers) {
    const exchanges = exchangesByName.get(speaker.name) ?? exchangesOf(speaker, materialOf(speaker), isRecorded)
    exchangesByName.set(speaker.name, exchanges)
    const { problems } = exchanges
    if (speaker.operation === 'embeddings')
      results.push(...embeddingsResults(speaker.name, exchanges).filter(({ law }) => law.includes(only)))
    const peers = speakers.filter(({ operation }) => operation === speaker.operation)
    for (const { name, trials } of errorsKeepKind.filter(isWanted))
      timed(name, () => resultsOf(name, speaker.name, trials({ subject: speaker, speakers: peers, problems })))
  }
  return { results, told, exchanges: exchangesByName, lawMs }
}

/** For a dialect that does not translate: what it takes to find its recorded exchanges. */
function materialOf({ name, operation }: Dialect): Material {
  const none = { leftOut: {}, golden: [], freeFormInAnswers: [], defaults: [], repeated: [], accumulate: () => [] }
  return { ...none, apis: [operation], providers: recordedEmbedders[name] }
}

/** The dialects that translate. */
export function members(): readonly Member[] {
  return chatDialectNames.map((name) => ({ subject: dialects[name], material: materials[name] }))
}
