import type { StreamFacts } from '../dialects/dialect.ts'

/** What an answer says that it used, and how much of it there is for a guess where it says nothing. */
export type SaidUse = Pick<StreamFacts, 'usage' | 'textBytes' | 'contentFrames'>
