import type { ChatCall } from '../../../canonical/chat.ts'
import { textHash } from '../../text-hash.ts'

/**
 * Bedrock takes tool names of up to 64 letters, digits, `_` and `-` (service model 2023-09-30, `ToolName`). Any other is cut to what
 * is legal, with a hash that keeps it apart.
 */
export function legalName(name: string): string {
  return cutTo(name, /^[a-zA-Z0-9_-]{1,64}$/, /[^a-zA-Z0-9_-]/gu)
}

/** Ids pair calls with results within one body, and nobody sees them again: it is enough that equal ones stay equal. */
export function legalId(id: string): string {
  return cutTo(id, /^[a-zA-Z0-9_.:-]{1,64}$/, /[^a-zA-Z0-9_.:-]/gu)
}

/** The names of a call that are told otherwise, by the name that they are told by: so an answer has them as they were. */
export function toolNames({ tools = [] }: ChatCall): ReadonlyMap<string, string> {
  const names = tools.flatMap((tool) => (tool.kind === 'function' ? [tool.name] : []))
  return new Map(names.map((name) => [legalName(name), name] as const).filter(([told, name]) => told !== name))
}

const longest = 64

function cutTo(text: string, legal: RegExp, illegal: RegExp): string {
  if (legal.test(text)) return text
  const hash = textHash(text)
  return `${text.replace(illegal, '_').slice(0, longest - hash.length - 1)}_${hash}`
}
