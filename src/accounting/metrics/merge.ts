import { AggregatorRegistry, type Registry } from 'prom-client'

/** What one process counted, as plain data. */
export type MetricsShare = Awaited<ReturnType<Registry['getMetricsAsJSON']>>

/** Adds up what several processes counted. Gauges that do not add up (a start time, a version) tell of one, or are left out. */
export function mergedRegistry(shares: readonly MetricsShare[]) {
  return AggregatorRegistry.aggregate([...shares])
}

/**
 * What stays true of processes that have ended: what they counted, and nothing of what they were. Without it a sum would
 * fall with every process that ends, which reads as a restart of the whole.
 */
export async function lastingShare(shares: readonly MetricsShare[]): Promise<MetricsShare> {
  const merged = await mergedRegistry(shares).getMetricsAsJSON()
  // The types of the library say numbers where it has words.
  return merged.filter(({ type }) => ['counter', 'histogram'].includes(String(type)))
}
