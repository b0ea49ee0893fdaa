import type { ChatCall } from '../../../canonical/chat.ts'
import { textHash } from './text-hash.ts'

/** Any other than these a provider refuses, which takes some of them only. */
export const notInToolNames = /[^a-zA-Z0-9_-]/gu

/** A name as it is where it is legal. Any other is cut to what is, with a hash that keeps it apart. */
export function legalText(text: string, illegal: RegExp, longest: number): string {
  if (text !== '' && text.length <= longest && text.search(illegal) === -1) return text
  const hash = textHash(text)
  return `${text.replace(illegal, '_').slice(0, longest - hash.length - 1)}_${hash}`
}

/** The names of a call that are told otherwise, by the name that they are told by: so an answer has them as they were. */
export function namesToldOtherwise(
  { tools = [] }: ChatCall,
  legalName: (name: string) => string,
): ReadonlyMap<string, string> {
  const names = tools.flatMap((tool) => (tool.kind === 'function' ? [tool.name] : []))
  return new Map(names.map((name) => [legalName(name), name] as const).filter(([told, name]) => told !== name))
}

export const toldOtherwiseWhy = 'written with legal characters; the answer has it as it was'
export const choiceToldOtherwiseWhy = 'the name is written with legal characters'
