import type { ChatCall } from '../../../canonical/chat.ts'
import { Losses } from '../../../canonical/loss.ts'
import { makerOf, type Maker } from './makers.ts'
import { isOwn } from './own.ts'

/** What a call is written with. */
export interface Pen {
  readonly losses: Losses
  /** Whose model the call goes to. */
  readonly maker: Maker
  /** A name for a document that no other document of the call has, in the characters that Bedrock takes. */
  readonly documentName: (wished: string | undefined) => string
}

/** Nothing of a call of our own can be lost: what is not written anew stays as it was. */
export function penFor(call: ChatCall, losses: Losses): Pen {
  const names = new Set<string>()
  return {
    losses: isOwn(call) ? new Losses() : losses,
    maker: makerOf(call.modelName),
    documentName: (wished) => {
      const base = legalDocumentName(wished ?? 'document')
      let name = base
      for (let count = 2; names.has(name) && !isOwn(call); count++) name = `${base} (${count})`
      names.add(name)
      return name
    },
  }
}

/**
 * "Alphanumeric characters, whitespace characters (no more than one in a row), hyphens, parentheses, square brackets" (Bedrock API
 * reference, `DocumentBlock`, read 2026-11), up to 200.
 */
export function legalDocumentName(name: string): string {
  const legal = name.replace(/[^a-zA-Z0-9()[\]\s-]/g, ' ').replace(/\s+/g, ' ')
  return legal.trim().slice(0, longestName) || 'document'
}

/** With room for a number behind it. */
const longestName = 190
