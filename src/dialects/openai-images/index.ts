import { isJsonArray } from '../shared/call-fields.ts'
import type { Dialect, DialectName } from '../dialect.ts'
import { openMediaStream } from '../vendors/openai/media-stream.ts'
import { keptNames } from '../kept-names.ts'
import { oneAnswer, readOneAnswer } from '../shared/one-answer/one-answer.ts'
import { openAiEnvelope } from '../vendors/openai/envelope.ts'
import { readImageCall, readImageExtent } from './read-call.ts'
import { openImageCount, readImageUsage } from './usage.ts'

/** Pictures that were sent before. */
const sentBefore = keptNames({ file_id: 'file' }, { isPassedOver: () => false })

/** OpenAI's `/v1/images/generations`, as others have it too. */
export const openAiImages: Dialect = images('openai-images', false)

/** `/v1/images/edits`: pictures in a form, or by address in JSON. */
export const openAiImageEdits: Dialect = images('openai-image-edits', true)

/** `/v1/images/variations`: one picture in a form. */
export const openAiImageVariations: Dialect = images('openai-image-variations', true)

function images(name: DialectName, takesForms: boolean): Dialect {
  return oneAnswer({
    name,
    operation: 'images',
    takesForms,
    kept: sentBefore,
    read: readImageCall,
    readExtent: readImageExtent,
    readReply: (body) =>
      readOneAnswer(body, { what: 'pictures', isAnswer: ({ data }) => isJsonArray(data), usageOf: readImageUsage }),
    openStream: () => openMediaStream({ ending: 'may-end', usageOf: openImageCount() }),
    ...openAiEnvelope,
  })
}
