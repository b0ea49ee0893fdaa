import { runsOf } from '../../runs.ts'
import { runAtEnd } from '../text-end.ts'

/** No key is shorter; hardly a word of a language is so long. */
const shortestToken = 20
/** Nothing that is looked for within one token is longer. */
const longestToken = 1_024

/** Every row of letters, digits and `_./+=:-` that is long enough to be a key: where it begins and ends. */
export const longTokens = runsOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./+=:-', shortestToken)

/** Where the last run of signs without a space or a quote begins: what cannot be told before it is whole. */
export const tokenStart: (text: string) => number = runAtEnd(/[^\s"'`<>(){}[\],;|]/, longestToken)
