import type { Call } from '../../canonical/call.ts'
import { ExtentDraft, type Extent } from '../../canonical/extent.ts'
import type { JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { isGiven, listIn, readLabel, readModelName } from '../shared/call-fields.ts'
import { countIn, filesIn, flagIn } from '../shared/form-fields.ts'

type ImageCall = Pick<Call, 'modelName' | 'isStream' | 'endUser' | 'most' | 'likely' | 'needs'>

/**
 * What limits and budgets need of a call for pictures. Source: OpenAI API description 2.3.0, 2026-08.
 * @throws GatewayError `invalid_request` naming the field.
 */
export function readImageCall(body: JsonObject): ImageCall {
  const images = countIn(body, 'n', mostImages) ?? 1
  const partial = countIn(body, 'partial_images', mostPartialImages) ?? 0
  const inputImage = picturesGiven(body) * tokensOfGiven
  return {
    modelName: readModelName(body),
    isStream: flagIn(body, 'stream'),
    endUser: readLabel(body, 'user'),
    needs: new Set(),
    most: { images, inputImage, outputImage: images * (mostDrawnTokens + partial * tokensPerPartial) },
    likely: { images, outputImage: images * likelyDrawnTokens },
  }
}

/** Providers allow 10; a number beyond all of them is a mistake or worse (M13). */
const mostImages = 128
const mostPartialImages = 16
/**
 * A large picture of gpt-image-1 in high quality is 6,240 tokens (0.25 dollars at 40 a million), one of gpt-image-2 of 3584 x 2048
 * 12,329 by its price calculator (community.openai.com, 2026-04); a partial one is 100 more. Larger ones need room.
 */
const mostDrawnTokens = 16_384
const tokensPerPartial = 100
/** A square picture in medium quality: 0.042 dollars at 40 a million. */
const likelyDrawnTokens = 1_056
/** A picture that is given and kept in high fidelity: as many as a large one that is drawn, beside those of its tiles. */
const tokensOfGiven = 8_192

function picturesGiven(body: JsonObject): number {
  return filesIn(body, 'image').length + filesIn(body, 'mask').length + listIn(body, 'images').length
}

/** Pictures are counted by the call itself; what stands behind an address or an id is not in the body. */
export function readImageExtent(body: JsonObject): Extent {
  const extent = new ExtentDraft()
  for (const picture of [...listIn(body, 'images'), body['mask'] ?? null]) {
    if (!isJsonObject(picture)) continue
    const { image_url: url, file_id: fileId } = picture
    if (isGiven(fileId)) extent.unseen('a picture by its id')
    else if (typeof url === 'string' && !url.startsWith('data:')) extent.unseen('a picture by its address')
  }
  return extent.done()
}
