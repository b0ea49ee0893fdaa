import { dialects } from '../dialects/all.ts'
import type { DialectName } from '../dialects/dialect.ts'
import type { Found } from '../routing/catalog.ts'
import { isSpoken } from '../routing/plan.ts'
import { dialectsFor } from './word-call.ts'

/**
 * What Google's clients may call a model for, in the words of Google's own list. By what is spoken at its targets; where conversations
 * and embeddings both are, only the names that makers give to their models tell which of them one is for.
 */
export function methodsOfModel(found: Found): readonly string[] {
  const names = found.model.targets.map(({ modelName }) => modelName.replace('*', () => found.wildcard))
  const [speaksChat, speaksEmbeddings] = [isServed(found, 'gemini-generate'), isServed(found, 'gemini-embeddings')]
  const isPlain = names.some((name) => !forOtherThings.test(name))
  const talks = speaksChat && isPlain
  const embeds = speaksEmbeddings && (names.some((name) => forEmbeddings.test(name)) || (isPlain && !speaksChat))
  return [
    ...(talks ? ['generateContent', 'streamGenerateContent'] : []),
    ...(embeds ? ['embedContent', 'batchEmbedContents'] : []),
    ...(talks ? ['countTokens'] : []),
  ]
}

/** Whether some target is spoken to in a dialect, or in one that its calls can be put into. */
function isServed(found: Found, name: DialectName): boolean {
  return dialectsFor({ dialect: dialects[name], call: {} }).some((dialect) => isSpoken(found, dialect))
}

const forEmbeddings = /embed/i
/** Than conversations. */
const forOtherThings = /embed|whisper|transcri|\btts\b|dall-e|gpt-image|imagen|moderation|rerank/i
