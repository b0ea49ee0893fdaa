import { answerAccount } from '../../answer-account.ts'
import { isOwn } from './own.ts'
import { hasTier } from './usage-words.ts'

export const accountForEvent = answerAccount({
  isOwn,
  opening: ['id', 'responseModel'],
  usage: (event, losses) => {
    const { inputAudio, inputImage, outputAudio, outputImage } = event.usage
    if (inputAudio + inputImage + outputAudio + outputImage > 0)
      losses.approximated(event, 'usage', 'sounds and images are counted with the text')
    losses.account(event, ['kind', 'usage', ...(hasTier(event) ? (['serviceTier'] as const) : [])])
  },
})

/** A message is one answer. */
export const oneAnswer = 'a message holds one answer, the first'
