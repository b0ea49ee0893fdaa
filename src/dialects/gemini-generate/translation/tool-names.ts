import type { ChatCall } from '../../../canonical/chat.ts'
import { legalText, namesToldOtherwise } from '../../shared/translation/legal-names.ts'

/** "Must be a-z, A-Z, 0-9, or contain underscores, colons, dots, and dashes, with a maximum length of 128" (discovery document). */
export function legalName(name: string): string {
  return legalText(name, /[^a-zA-Z0-9_:.-]/gu, 128)
}

export function toolNames(call: ChatCall): ReadonlyMap<string, string> {
  return namesToldOtherwise(call, legalName)
}
