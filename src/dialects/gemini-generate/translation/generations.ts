import type { ChatCall } from '../../../canonical/chat.ts'
import { isOwn } from './own.ts'

/** What the models of one generation take. Google refuses a call for one field that its model does not take. */
export interface Generation {
  /** How a wish to think is said: by a level from Gemini 3 on, by a number of tokens in 2.5, not at all before. */
  readonly thinking: 'level' | 'budget' | 'none'
  /** The least and the most tokens to think with. */
  readonly leastBudget: number
  readonly mostBudget: number
  /** A budget of 0 switches thinking off. */
  readonly takesNoBudget: boolean
  /** Levels from the least to the most. */
  readonly levels: readonly string[]
  /** A call of a function in the history must bear the model's own signature (Google's page on thought signatures, read 2026-11). */
  readonly needsSignatures: boolean
  /** Results of functions may hold pictures and documents. */
  readonly takesMediaInResults: boolean
  /** Before Gemini 3: "Function calling with a response mime type: 'application/json' is unsupported" (googleapis/python-genai#867). */
  readonly takesFormatBesideTools: boolean
  /** Whether each query of Google Search is billed, or one answer that has searched, however often (Google's page on grounding, 2026). */
  readonly billsEachQuery: boolean
}

/** A model of an unknown name is taken for one of the newest. */
export function generationOf(modelName: string): Generation {
  return generations.find(({ names }) => names.test(modelName))?.generation ?? newest
}

/** Whether a foreign call asks for a format that its model does not take beside tools. */
export function isFormatApart(call: ChatCall): boolean {
  const { modelName, outputFormat } = call
  const isAsked = outputFormat !== undefined && outputFormat.kind !== 'text'
  return isAsked && !isOwn(call) && !generationOf(modelName).takesFormatBesideTools
}

const newest: Generation = {
  thinking: 'level',
  leastBudget: 0,
  mostBudget: Infinity,
  takesNoBudget: true,
  levels: ['minimal', 'low', 'medium', 'high'],
  needsSignatures: true,
  takesMediaInResults: true,
  takesFormatBesideTools: true,
  billsEachQuery: true,
}
const gemini25: Generation = {
  ...newest,
  thinking: 'budget',
  mostBudget: 24_576,
  levels: [],
  needsSignatures: false,
  takesMediaInResults: false,
  takesFormatBesideTools: false,
  billsEachQuery: false,
}

/** The first that matches. Sources: Google's pages on thinking and on function calling, read 2026-11. */
const generations: readonly { readonly names: RegExp; readonly generation: Generation }[] = [
  { names: /gemini-3-pro/, generation: { ...newest, levels: ['low', 'high'] } },
  { names: /gemini-3\.1-pro/, generation: { ...newest, levels: ['low', 'medium', 'high'] } },
  { names: /gemini-2\.5-pro/, generation: { ...gemini25, leastBudget: 128, mostBudget: 32_768, takesNoBudget: false } },
  { names: /gemini-2\.5-flash-lite/, generation: { ...gemini25, leastBudget: 512 } },
  { names: /gemini-2\.5/, generation: gemini25 },
  { names: /gemini-(?:1|2\.0)|gemma|learnlm/, generation: { ...gemini25, thinking: 'none' } },
]
