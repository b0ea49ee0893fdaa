import { pick, randomFrom } from './seeded.ts'
import { tokensOf } from './tokens.ts'

const opening = 'This is a simulated answer: no model was asked, and nothing was charged.'

const sentences = [
  'The weir holds the water back just long enough to count it.',
  'Every drop that passes is written down, and the books agree with the river.',
  'A heron stands in the shallows and does not mind being measured.',
  'Upstream it rained in the night, so the gauge reads a little higher today.',
  'The miller opens one gate before the other, and nobody downstream notices.',
  'If a stone falls into the channel, the flow finds its way around it.',
  'By evening the water is calm, and the day has been accounted for.',
  'The keeper walks the dam twice a day, once for the water and once for the fish.',
] as const

/**
 * The text of an answer, as tokens: short plain English that says what it is. The same seed gives the same text.
 * @param tokens the exact length; by default, a few sentences.
 */
export function answerTokens(seed: number, tokens: number | undefined): readonly string[] {
  const random = randomFrom(seed)
  const text = [...tokensOf(opening)]
  const sentencesWanted = 1 + Math.floor(random() * 3)
  for (let count = 0; tokens === undefined ? count < sentencesWanted : text.length < tokens; count++)
    text.push(...tokensOf(` ${pick(sentences, random)}`))
  return tokens === undefined ? text : text.slice(0, tokens)
}
