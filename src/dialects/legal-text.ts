import type { ChatCall } from '../canonical/chat.ts'
import { textHash } from './text-hash.ts'

/** What a provider takes as a name or an id. */
export interface LegalText {
  readonly longest: number
  /** A character that it refuses; global. */
  readonly illegal: RegExp
}

/** The text as it is where that is legal, otherwise cut to what is, with a hash that keeps it apart. */
export function legalText(text: string, { longest, illegal }: LegalText): string {
  const told = text.replace(illegal, '_')
  if (told === text && text !== '' && text.length <= longest) return text
  const hash = textHash(text)
  return `${told.slice(0, longest - hash.length - 1)}_${hash}`
}

/** The names of a call's tools that are told otherwise, by the name that they are told by: so an answer has them as they were. */
export function namesToldOtherwise(
  { tools = [] }: ChatCall,
  legalName: (name: string) => string,
): ReadonlyMap<string, string> {
  const names = tools.flatMap((tool) => (tool.kind === 'function' ? [tool.name] : []))
  return new Map(names.map((name) => [legalName(name), name] as const).filter(([told, name]) => told !== name))
}
