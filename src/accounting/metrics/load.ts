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
  new Gauge({
    name: 'weir_load',
    help: 'How much of each thing there is a limit on is in use.',
    labelNames: ['of'] as const,
    aggregator: 'max',
    registers,
    collect() {
      const now = load()
      if (!now) return
      const { readings, connections } = now
      this.set({ of: 'exchanges' }, readings.exchanges)
      this.set({ of: 'connections' }, connections.open)
      this.set({ of: 'body_bytes' }, readings.heldBodyBytes)
      this.set({ of: 'memory_share' }, readings.memoryShare)
      this.set({ of: 'loop_delay_ms' }, readings.loopDelayMs)
      if (readings.openFiles !== undefined) this.set({ of: 'open_files' }, readings.openFiles)
    },
  })
  new Gauge({
    name: 'weir_load_limit',
    help: 'Where new calls or connections are refused.',
    labelNames: ['of'] as const,
    aggregator: 'max',
    registers,
    collect() {
      const now = load()
      if (!now) return
      const { limits, connections } = now
      this.set({ of: 'exchanges' }, limits.maxExchanges)
      this.set({ of: 'connections' }, connections.limit)
      this.set({ of: 'body_bytes' }, limits.maxHeldBodyBytes)
      this.set({ of: 'memory_share' }, limits.memoryShare)
      this.set({ of: 'loop_delay_ms' }, limits.loopDelayMs)
      if (limits.openFiles !== undefined) this.set({ of: 'open_files' }, limits.openFiles)
    },
  })
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
