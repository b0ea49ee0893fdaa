import { GatewayError } from '../canonical/error.ts'
import type { DialectName } from '../dialects/dialect.ts'

/** A part of the list of models. */
export interface PageOfModels<Model> {
  readonly models: readonly Model[]
  /** Whether there are more, on the side that was asked for. */
  readonly hasMore: boolean
}

/**
 * The part of the list that a query asks for, in the words of its dialect; all of it where it asks for none. OpenAI's clients have no
 * word for a part. Sources: Anthropic docs, List Models, read 2026-11; Google's discovery document of `v1beta`, 2026-08.
 * @throws GatewayError `invalid_request`, naming the word.
 */
export function pageOfModels<Model extends { readonly name: string }>(
  models: readonly Model[],
  dialect: DialectName,
  query: URLSearchParams,
): PageOfModels<Model> {
  switch (dialect) {
    case 'anthropic-messages': {
      const limit = limitIn(query, 'limit', 1)
      const end = placeIn(models, query, 'before_id')
      if (end === undefined) return pageAfter(models, placeIn(models, query, 'after_id'), limit)
      const from = Math.max(0, end - limit)
      return { models: models.slice(from, end), hasMore: from > 0 }
    }
    case 'gemini-generate': {
      // Nothing and zero are one number on Google's wire.
      const limit = limitIn(query, 'pageSize', 0)
      return pageAfter(models, placeIn(models, query, 'pageToken'), limit === 0 ? Infinity : limit)
    }
    default:
      return { models, hasMore: false }
  }
}

function pageAfter<Model>(models: readonly Model[], last: number | undefined, limit: number): PageOfModels<Model> {
  const from = last === undefined ? 0 : last + 1
  return { models: models.slice(from, from + limit), hasMore: from + limit < models.length }
}

function limitIn(query: URLSearchParams, word: string, least: number): number {
  const said = query.get(word)
  if (said === null) return Infinity
  if (/^\d{1,9}$/.test(said) && Number(said) >= least) return Number(said)
  throw new GatewayError('invalid_request', `\`${word}\` must be a whole number from ${least} on`, { param: word })
}

/** A part begins or ends at the name of a model, which also Google's clients are given as a token. */
function placeIn(
  models: readonly { readonly name: string }[],
  query: URLSearchParams,
  word: string,
): number | undefined {
  const said = query.get(word)
  if (said === null || said === '') return undefined
  const place = models.findIndex(({ name }) => name === said)
  if (place >= 0) return place
  throw new GatewayError('invalid_request', `\`${word}\` names no model of this list: begin it anew`, { param: word })
}
