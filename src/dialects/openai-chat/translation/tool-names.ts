import type { ChatCall } from '../../../canonical/chat.ts'
import { legalText, namesToldOtherwise, notInToolNames } from '../../shared/translation/legal-names.ts'

/** OpenAI takes tool names of up to 64 letters, digits, `_` and `-` (API description 2.3.0, `FunctionObject`). */
export function legalName(name: string): string {
  return legalText(name, notInToolNames, 64)
}

export function toolNames(call: ChatCall): ReadonlyMap<string, string> {
  return namesToldOtherwise(call, legalName)
}
