import { longestClientText } from './account-value.ts'

/** What a call may have of labels (`x-weir-metadata`). */
export const metadataLimits = { entries: 20, nameChars: 64, valueChars: longestClientText } as const

/** What must not enter records (failures.md A11, L6). */
const control = /[\p{Cc}\u2028\u2029]/u

export function holdsControls(text: string): boolean {
  return control.test(text)
}

/** Whether a call can have a label of this name. */
export function isLabelName(name: string): boolean {
  return name !== '' && name.length <= metadataLimits.nameChars && !holdsControls(name)
}

/** Whether a label can say this. */
export function isLabelValue(text: string): boolean {
  return text.length <= metadataLimits.valueChars && !holdsControls(text)
}

/** How questions name a label beside the fields of a record. */
export type LabelPath = `metadata.${string}`
const pathStart = 'metadata.' satisfies LabelPath

/** @returns the name of the label; `undefined`: the text names none. */
export function labelOf(text: string): string | undefined {
  return text.startsWith(pathStart) ? text.slice(pathStart.length) : undefined
}
