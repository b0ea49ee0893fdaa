import { geminiNames } from '../vendors/gemini/kept.ts'
import { isFreeForm } from './free-form.ts'

/** Files, by their addresses there, cached content, and stores that are searched in. */
export const kept = geminiNames(isFreeForm)
