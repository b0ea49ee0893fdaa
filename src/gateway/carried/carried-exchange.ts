import { dialects } from '../../dialects/all.ts'
import type { DialectName } from '../../dialects/dialect.ts'
import type { CarriedFamily } from '../../providers/provider.ts'
import type { Endpoint, Exchange } from '../exchange.ts'
import type { FoundRoute } from './routes.ts'

/** A client request to a path that is carried whole. */
export interface CarriedExchange extends Exchange {
  readonly carried: CarriedAsked
}

export interface CarriedAsked extends FoundRoute {
  /** As it came, without the query. */
  readonly path: string
  /** What stands after the `?`; empty: nothing. */
  readonly query: string
  /** Where the client reached us: scheme, host and port. */
  readonly origin: string
}

/** In whose words each family's clients are told of problems. */
export const dialectOf = {
  openai: 'openai-chat',
  anthropic: 'anthropic-messages',
  gemini: 'gemini-generate',
} as const satisfies Record<CarriedFamily, DialectName>

/** The endpoint of a route, named by its method and pattern, so that no id is in it. */
export function carriedEndpoint({ route }: FoundRoute): Endpoint {
  return { path: `${route.method} ${route.path}`, dialect: dialects[dialectOf[route.family]], operation: 'carried' }
}
