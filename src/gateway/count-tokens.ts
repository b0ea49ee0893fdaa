import { estimateTokensIn } from '../accounting/estimate.ts'
import { isClaude } from '../accounting/fill-rates.ts'
import type { Found } from '../routing/catalog.ts'
import { isSpoken } from '../routing/plan.ts'
import type { Exchange } from './exchange.ts'
import { ownHeaders } from './headers.ts'
import type { Meter } from './meter.ts'
import type { Asked } from './read-asked.ts'

/**
 * Answers a call that only counts tokens, where none of the model's providers counts them in the client's dialect: by an estimate,
 * which a header says. Nobody is asked, and nothing is billed.
 * @returns false where it is no such call.
 */
export function countHere(exchange: Exchange, { dialect, value }: Asked, found: Found, meter: Meter): boolean {
  const { writeCount } = dialect
  if (!writeCount || isSpoken(found, dialect.name)) return false
  const isForClaude = found.model.targets.some(({ modelName }) => isClaude(`${modelName} ${found.wildcard}`))
  const body = Buffer.from(JSON.stringify(writeCount(estimateTokensIn(value, isForClaude))))
  const headers = ownHeaders(exchange, meter, 'application/json')
  headers.push('x-weir-token-count', 'estimated', 'content-length', String(body.length))
  exchange.client.head(200, headers)
  exchange.client.end(body)
  meter.told(200, undefined)
  meter.sent(body.length)
  return true
}
