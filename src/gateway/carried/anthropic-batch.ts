import { GatewayError } from '../../canonical/error.ts'
import { dialects } from '../../dialects/all.ts'
import { readJsonBody } from '../../wire/json-body.ts'
import { splitList } from '../../wire/json-list.ts'
import { refuseSteering } from '../refuse-steering.ts'
import { aroundItems, readItems, wordForProvider, type ItemForm } from './batch-items.ts'
import { objectsIn } from './inner-calls.ts'
import type { CarriedBody } from './carried-body.ts'

const form: ItemForm = {
  member: 'params',
  whereOf: (place) => `requests[${place}]`,
  dialectOf: () => dialects['anthropic-messages'],
}

/**
 * Reads a batch of Anthropic's: a list of requests.
 * @throws GatewayError `invalid_request`, naming the request; `request_too_large`.
 */
export async function readAnthropicBatch(bytes: Buffer): Promise<CarriedBody> {
  const list = splitList(bytes, [['requests']])
  const rest = list?.rest ?? bytes
  const { value, scan } = readJsonBody(rest, () => false)
  refuseSteering(rest, value, scan, () => false)
  if (!list) throw new GatewayError('invalid_request', '`requests` must be an array', { param: 'requests' })
  const items = await readItems(bytes, list.elements, form)
  const inner = items.map((item) => item.inner)
  return {
    named: objectsIn(inner),
    inner,
    around: aroundItems(bytes, items, rest),
    sizeBytes: bytes.length,
    wordedFor: async (provider, principal, snapshot) => ({
      bytes: await wordForProvider(bytes, items, provider, principal, snapshot),
      contentType: undefined,
    }),
  }
}
