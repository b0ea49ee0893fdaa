import { Gauge, type Registry } from 'prom-client'
import { remembering } from './remembered-kinds.ts'
import { TalliedCounter } from './tallies.ts'

/** How an exchange ended for its client. */
export interface EndedExchange {
  readonly endpoint: string
  readonly isStream: boolean
  readonly status: number
  readonly errorKind: string | undefined
}

/** @param running exchanges under way, asked at each scrape. */
export function addExchangeMetrics(registers: Registry[], running: () => number) {
  const exchanges = new TalliedCounter({
    name: 'weir_exchanges_total',
    help: 'Finished exchanges.',
    labelNames: ['endpoint', 'stream', 'status', 'error_type'] as const,
    registers,
  })
  new Gauge({
    name: 'weir_exchanges_running',
    help: 'Exchanges under way.',
    registers,
    collect() {
      this.set(running())
    },
  })
  const seriesOf = remembering(kindOf, ({ endpoint, isStream, status, errorKind }) =>
    exchanges.tally({ endpoint, stream: String(isStream), status: String(status), error_type: errorKind ?? '' }),
  )
  return { noteExchange: (ended: EndedExchange) => seriesOf(ended).add(1) }
}

function kindOf({ endpoint, isStream, status, errorKind }: EndedExchange): string {
  return `${endpoint}\0${isStream}\0${status}\0${errorKind}`
}
