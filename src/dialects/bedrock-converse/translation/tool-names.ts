import type { ChatCall } from '../../../canonical/chat.ts'
import { legalText, namesToldOtherwise, notInToolNames } from '../../shared/translation/legal-names.ts'

/** Bedrock takes tool names of up to 64 letters, digits, `_` and `-` (service model 2023-09-30, `ToolName`). */
export function legalName(name: string): string {
  return legalText(name, notInToolNames, longest)
}

/** Ids pair calls with results within one body, and nobody sees them again: it is enough that equal ones stay equal. */
export function legalId(id: string): string {
  return legalText(id, /[^a-zA-Z0-9_.:-]/gu, longest)
}

export function toolNames(call: ChatCall): ReadonlyMap<string, string> {
  return namesToldOtherwise(call, legalName)
}

const longest = 64
