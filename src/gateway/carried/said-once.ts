import { GatewayError } from '../../canonical/error.ts'

/**
 * What a query says under a name.
 * @throws GatewayError `invalid_request` where it says it more than once: we would judge the one, and the provider might read the other.
 */
export function saidOnce(query: URLSearchParams, name: string): string | undefined {
  const [said, again] = query.getAll(name)
  if (again !== undefined)
    throw new GatewayError('invalid_request', `the query has \`${name}\` more than once: leave one out`, {
      param: name,
    })
  return said
}
