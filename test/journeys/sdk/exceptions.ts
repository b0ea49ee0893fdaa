import type { Aspect, Finding } from './drive.ts'
import listed from './sdk.exceptions.json' with { type: 'json' }

export type Sdk = 'openai' | 'anthropic' | 'ai' | 'genai' | 'cohere' | 'langchain'

/** What is not as it should be, and what is listed as an exception without need. Both are empty when all is well. */
export function unexplained(
  sdk: Sdk,
  aspect: Aspect,
  findings: readonly Finding[],
): { readonly unlisted: Readonly<Record<string, readonly string[]>>; readonly needless: readonly string[] } {
  const excused = new Set(
    listed.filter((cause) => cause.sdk === sdk && cause.aspects.includes(aspect)).flatMap((cause) => cause.ids),
  )
  const wrong = findings.filter(({ differences }) => differences[aspect].length > 0)
  const wrongIds = new Set(wrong.map(({ one }) => one.id))
  const hasCorpus = findings.some(({ one }) => !one.id.startsWith('own/'))
  const apis = new Set<string | undefined>(findings.map(({ one }) => one.api))
  return {
    unlisted: Object.fromEntries(
      wrong.filter(({ one }) => !excused.has(one.id)).map(({ one, differences }) => [one.id, differences[aspect]]),
    ),
    needless: hasCorpus ? [...excused].filter((id) => apis.has(id.split('/')[1]) && !wrongIds.has(id)) : [],
  }
}
