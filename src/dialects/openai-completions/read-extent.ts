import { ExtentDraft, type Extent } from '../../canonical/extent.ts'
import type { JsonObject } from '../../canonical/json.ts'
import { isGiven } from '../shared/call-fields.ts'
import { promptCountOf, promptsIn } from './prompts.ts'
import { triesIn } from './read-call.ts'

/** What bounds the input of a call. A token has no fewer bytes as a number in a list than the one it may be as text. */
export function readExtent(body: JsonObject): Extent {
  const extent = new ExtentDraft()
  extent.messages = promptsIn(body).length
  extent.inputs = promptCountOf(body)
  if (body['echo'] === true) extent.echoes = triesIn(body)
  // vLLM takes a prompt as vectors, of which nobody counts the tokens.
  if (isGiven(body['prompt_embeds'])) extent.unseen('a prompt as vectors')
  extent.tier('service_tier', body['service_tier'])
  return extent.done()
}
