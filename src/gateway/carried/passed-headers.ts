import type { AnswerHead } from './carried-answer.ts'

/** What a client needs to read an answer, or to come back for it. Nothing here says who made it. */
const always = ['content-language', 'last-modified', 'retry-after'] as const
/** True of the bytes as they came; and a file's name is a text that no guardrail has looked at. */
const ofUnchanged = ['content-disposition', 'content-range', 'etag'] as const

/**
 * The headers of a provider's answer that pass to the client: a flat list of names and values.
 * @param isUnchanged the bytes pass as they came, and no guardrail looks at them.
 */
export function passedHeaders(head: AnswerHead, isUnchanged: boolean): string[] {
  const names = isUnchanged ? [...always, ...ofUnchanged] : always
  return names.flatMap((name) => {
    const value = head.tellable(name)
    return value === undefined ? [] : [name, value]
  })
}
