import type { Registry } from 'prom-client'
import type { UsageRecord } from '../../canonical/usage-record.ts'
import { outputTokensOf } from '../../canonical/usage.ts'
import { served, type ServedLabels } from './served-labels.ts'
import { TalliedHistogram } from './tallies.ts'

const durationBuckets = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]
const firstTokenBuckets = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 15, 20, 30, 45, 60,
]
const perTokenBuckets = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5]

/** How long attempts took. @returns what finds the series of a kind of attempts. */
export function openAttemptTimes(registers: Registry[]) {
  const duration = new TalliedHistogram({
    name: 'gen_ai_server_request_duration_seconds',
    help: 'From the start of an attempt to the end of its answer.',
    labelNames: [...served, 'error_type'] as const,
    buckets: durationBuckets,
    registers,
  })
  const firstToken = new TalliedHistogram({
    name: 'gen_ai_server_time_to_first_token_seconds',
    help: 'Streams: from the start of an attempt to the first byte of its answer.',
    labelNames: served,
    buckets: firstTokenBuckets,
    registers,
  })
  const perToken = new TalliedHistogram({
    name: 'gen_ai_server_time_per_output_token_seconds',
    help: 'Streams: time after the first byte, per output token after the first.',
    labelNames: served,
    buckets: perTokenBuckets,
    registers,
  })

  return (labels: ServedLabels, { errorKind }: UsageRecord) => {
    const series = {
      duration: duration.spread({ ...labels, error_type: errorKind ?? '' }),
      firstToken: firstToken.spread(labels),
      perToken: perToken.spread(labels),
    }
    return {
      note: ({ durationMs }: UsageRecord) => series.duration.observe(durationMs / 1000),
      /** Both are of successful responses, as OpenTelemetry defines them. */
      noteStream: (record: UsageRecord) => {
        if (!record.isStream || record.firstByteMs === undefined || record.status !== 'ok') return
        series.firstToken.observe(record.firstByteMs / 1000)
        const outputTokens = outputTokensOf(record)
        // A guess at the tokens tells nothing of how fast they came.
        if (outputTokens > 1 && record.usageSource === 'provider')
          series.perToken.observe((record.durationMs - record.firstByteMs) / 1000 / (outputTokens - 1))
      },
    }
  }
}
