import type { ChatCall } from '../../../canonical/chat.ts'
import { legalText, namesToldOtherwise, notInToolNames } from '../../shared/translation/legal-names.ts'

/** Responses take tool names of up to 128 letters, digits, `_` and `-` (API description 2.3.0, `FunctionToolParam`). */
export function legalName(name: string): string {
  return legalText(name, notInToolNames, 128)
}

export function toolNames(call: ChatCall): ReadonlyMap<string, string> {
  return namesToldOtherwise(call, legalName)
}
