import { Counter, Gauge, type Registry } from 'prom-client'

/** How near the gateway is to its limits, and what it refused because of them. The listener's own word for it fits. */
export interface MeasuredLoad {
  readonly readings: Measures
  readonly limits: PressureMeasures
  readonly connections: {
    readonly open: number
    readonly limit: number
    readonly refused: Readonly<Record<string, number>>
  }
  readonly shed: Readonly<Record<string, number>>
  readonly stalls: number
}

interface Measures {
  readonly exchanges: number
  readonly heldBodyBytes: number
  readonly memoryShare: number
  readonly loopDelayMs: number
  readonly openFiles: number | undefined
}

interface PressureMeasures extends Omit<Measures, 'exchanges' | 'heldBodyBytes'> {
  readonly maxExchanges: number
  readonly maxHeldBodyBytes: number
}

/**
 * Read when the metrics are, so that an exchange pays nothing for them. Of several processes the gauges tell the one that is nearest
 * to its limit, since each has limits of its own.
 */
export function addLoadMetrics(registers: Registry[], load: () => MeasuredLoad | undefined): void {
  const gauge = (
    name: string,
    help: string,
    read: (now: MeasuredLoad) => Readonly<Record<string, number | undefined>>,
  ) =>
    new Gauge({
      name,
      help,
      labelNames: ['of'] as const,
      aggregator: 'max',
      registers,
      collect() {
        const now = load()
        if (!now) return
        for (const [of, value] of Object.entries(read(now))) if (value !== undefined) this.set({ of }, value)
      },
    })
  gauge('weir_load', 'How much of each thing there is a limit on is in use.', ({ readings, connections }) => ({
    exchanges: readings.exchanges,
    connections: connections.open,
    body_bytes: readings.heldBodyBytes,
    memory_share: readings.memoryShare,
    loop_delay_ms: readings.loopDelayMs,
    open_files: readings.openFiles,
  }))
  gauge('weir_load_limit', 'Where new calls or connections are refused.', ({ limits, connections }) => ({
    exchanges: limits.maxExchanges,
    connections: connections.limit,
    body_bytes: limits.maxHeldBodyBytes,
    memory_share: limits.memoryShare,
    loop_delay_ms: limits.loopDelayMs,
    open_files: limits.openFiles,
  }))
  counted('weir_shed_total', 'Calls refused as overloaded, by reason.', 'reason', () => load()?.shed ?? {})
  counted(
    'weir_connections_refused_total',
    'Connections closed before anything was read of them, by reason.',
    'reason',
    () => load()?.connections.refused ?? {},
  )
  new Counter({
    name: 'weir_event_loop_stalls_total',
    help: 'How often the event loop was found to have stood still for a second or longer.',
    registers,
    collect() {
      this.reset()
      this.inc(load()?.stalls ?? 0)
    },
  })

  function counted(name: string, help: string, label: string, read: () => Readonly<Record<string, number>>): void {
    new Counter({
      name,
      help,
      labelNames: [label],
      registers,
      collect() {
        this.reset()
        for (const [value, count] of Object.entries(read())) this.inc({ [label]: value }, count)
      },
    })
  }
}
