import { Counter, type Registry } from 'prom-client'

/** What happens to the gateway itself: its config, its records, its processes. */
export function addGatewayMetrics(registers: Registry[]) {
  const reloads = new Counter({
    name: 'weir_config_reloads_total',
    help: 'Config reloads, by result.',
    labelNames: ['result'] as const,
    registers,
  })
  const recordFailures = new Counter({
    name: 'weir_usage_store_failures_total',
    help: 'How often the usage store reported a failure.',
    registers,
  })
  const workerDeaths = new Counter({
    name: 'weir_worker_deaths_total',
    help: 'Worker processes that ended without being told to.',
    registers,
  })
  return {
    noteReload: (isTaken: boolean) => reloads.inc({ result: isTaken ? 'taken' : 'refused' }),
    noteRecordFailure: () => recordFailures.inc(),
    noteWorkerDeath: () => workerDeaths.inc(),
  }
}
