import { Counter, Gauge, type Registry } from 'prom-client'

/** How a target is, asked at each scrape. */
export interface MeasuredTarget {
  readonly id: string
  readonly state: 'closed' | 'resting' | 'open' | 'half-open'
  readonly running: number
}

const stateNumbers = { closed: 0, 'half-open': 1, open: 2, resting: 3 } as const

/** The health of targets and of what they are called with. */
export function addTargetMetrics(registers: Registry[], targets: () => readonly MeasuredTarget[]) {
  const refusedCredentials = new Counter({
    name: 'weir_credentials_refused_total',
    help: 'How often a provider refused a credential of ours.',
    labelNames: ['credential'] as const,
    registers,
  })
  const breakersOpened = new Counter({
    name: 'weir_breaker_opened_total',
    help: 'How often the circuit breaker of a target opened.',
    labelNames: ['provider'] as const,
    registers,
  })
  new Gauge({
    name: 'weir_target_state',
    help: 'How a target is: 0 well, 1 due for a probe, 2 breaker open, 3 resting as its provider asked.',
    labelNames: ['target'] as const,
    // Of several processes the one that thinks worst of it.
    aggregator: 'max',
    registers,
    collect() {
      this.reset()
      for (const { id, state } of targets()) this.set({ target: id }, stateNumbers[state])
    },
  })
  new Gauge({
    name: 'weir_attempts_running',
    help: 'Attempts under way, by target.',
    labelNames: ['target'] as const,
    registers,
    collect() {
      this.reset()
      for (const { id, running } of targets()) this.set({ target: id }, running)
    },
  })
  return {
    noteCredentialRefused: (credential: string) => refusedCredentials.inc({ credential }),
    noteBreakerOpened: (provider: string) => breakersOpened.inc({ provider }),
  }
}
