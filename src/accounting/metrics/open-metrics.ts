import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import type { GuardDecision, GuardPhase } from '../../canonical/guardrail.ts'
import type { LimitDecision } from '../../canonical/limit.ts'
import type { UsageRecord } from '../../canonical/usage-record.ts'
import { addLedgerMetrics, type MeasuredLedger } from './ledger.ts'
import { addLoadMetrics, type MeasuredLoad } from './load.ts'
import { cacheReadTokensOf, inputTokensOf, outputTokensOf, type OwnUnit } from '../../canonical/usage.ts'
import { mergedRegistry, type MetricsShare } from './merge.ts'
import { TalliedCounter, TalliedHistogram } from './tallies.ts'

/** What a finished exchange tells the metrics. A subset of the gateway's own word for it, so that any sink fits. */
export interface MeasuredExchange {
  readonly durationMs: number
  readonly operation: string
  readonly endpoint: string
  readonly isStream: boolean
  readonly status: number
  readonly errorKind: string | undefined
  readonly limits: LimitDecision | undefined
  readonly records: readonly UsageRecord[]
  /** What guardrails saw. */
  readonly guardrails: readonly GuardDecision[]
  readonly guardrailsTookMs?: Readonly<Partial<Record<GuardPhase, number>>> | undefined
  /** Attempts beyond the first. */
  readonly extraAttempts: readonly { readonly provider: string; readonly kind: 'retry' | 'hedge' }[]
}

/** What became of one way to a connection. The providers' own word for it. */
export type MeasuredConnection =
  | { readonly kind: 'opened'; readonly provider: string; readonly tls: 'none' | 'new' | 'resumed' }
  | { readonly kind: 'failed'; readonly provider: string; readonly at: string }
  | { readonly kind: 'dns-failed'; readonly provider: string }

/** How a target is, asked at each scrape. */
export interface MeasuredTarget {
  readonly id: string
  readonly state: 'closed' | 'resting' | 'open' | 'half-open'
  readonly running: number
}

const stateNumbers = { closed: 0, 'half-open': 1, open: 2, resting: 3 } as const

export interface Metrics {
  /** Counts one finished exchange. */
  note(finished: MeasuredExchange): void
  /** What guardrails saw that look when an answer has gone. */
  noteMonitored(decisions: readonly GuardDecision[]): void
  /** Too many wait for those: an exchange was not looked at. */
  noteUnmonitored(): void
  noteCredentialRefused(credentialId: string): void
  noteConnection(connection: MeasuredConnection): void
  noteBreakerOpened(provider: string): void
  /** A guard elsewhere was asked. */
  noteGuardAsked(rule: string, outcome: string, tookMs: number): void
  noteReload(isTaken: boolean): void
  noteRecordFailure(): void
  noteWorkerDeath(): void
  noteLedgerFault(): void
  /** An attempt came to more than was set aside for it in a budget. */
  noteBudgetExcess(): void
  /**
   * Prometheus text.
   * @param shares what other processes of the same gateway counted: the sums are shown.
   */
  render(shares?: readonly MetricsShare[]): Promise<{ readonly contentType: string; readonly text: string }>
  /** What this process counted, as plain data for another one to add up. */
  share(): Promise<MetricsShare>
}

// Names and buckets: OpenTelemetry's gen_ai conventions in Prometheus spelling, as behaviour.md E9 lists them.
const tokenBuckets = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864]
const durationBuckets = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]
const firstTokenBuckets = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 15, 20, 30, 45, 60,
]
const waitBuckets = [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
const guardBuckets = [
  0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1,
]
const askedBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const perTokenBuckets = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5]

/** The words of the label `unit`, for what is not counted in tokens. */
const countedUnits = [
  { component: 'images', unit: 'image' },
  { component: 'audioSeconds', unit: 'audio_second' },
  { component: 'characters', unit: 'character' },
  { component: 'searches', unit: 'search' },
  { component: 'webSearches', unit: 'web_search' },
] as const satisfies readonly { readonly component: OwnUnit | 'webSearches'; readonly unit: string }[]

/** Kinds of attempts and of exchanges whose series are kept at hand; past it they are found again. */
const rememberedKinds = 4_096

/** Asked at each scrape. */
export interface Gauges {
  /** Exchanges under way. */
  running(): number
  /** Calls that wait in line for a limit. */
  waiting(): number
  /** How the targets are. */
  targets(): readonly MeasuredTarget[]
  /** How near this process is to its limits; `undefined`: it serves nobody itself. */
  load(): MeasuredLoad | undefined
  /** The books of budgets; `undefined`: another process keeps them. */
  ledger(): Promise<MeasuredLedger | undefined>
}

/** Opens the metrics of one gateway, in a registry of their own. */
export function openMetrics(gauges: Gauges): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const served = ['gen_ai_operation_name', 'gen_ai_provider_name', 'gen_ai_request_model'] as const

  const tokens = new TalliedHistogram({
    name: 'gen_ai_client_token_usage',
    help: 'Tokens used by an attempt, by type.',
    labelNames: [...served, 'gen_ai_token_type'] as const,
    buckets: tokenBuckets,
    registers,
  })
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
  const cost = new TalliedCounter({
    name: 'gen_ai_client_cost_usd_total',
    help: 'Cost of attempts in USD, rounded here; the usage records are exact.',
    labelNames: served,
    registers,
  })
  const units = new TalliedCounter({
    name: 'weir_units_total',
    help: 'What attempts used beside tokens, by unit: pictures, seconds of sound, characters, searches.',
    labelNames: [...served, 'unit'] as const,
    registers,
  })
  const lookups = new TalliedCounter({
    name: 'cost_catalog_lookups_total',
    help: 'Price look-ups at the end of attempts that used something, by result.',
    labelNames: ['status'] as const,
    registers,
  })
  const lookedUp = { unpriced: lookups.tally({ status: 'unpriced' }), exact: lookups.tally({ status: 'exact' }) }
  const unpricedAttempts = new TalliedCounter({
    name: 'weir_unpriced_attempts_total',
    help: 'Attempts that used something and have no price: their cost is unknown, not zero.',
    labelNames: ['provider', 'model'] as const,
    registers,
  })
  const exchanges = new TalliedCounter({
    name: 'weir_exchanges_total',
    help: 'Finished exchanges.',
    labelNames: ['endpoint', 'stream', 'status', 'error_type'] as const,
    registers,
  })
  const attempts = new TalliedCounter({
    name: 'weir_attempts_total',
    help: 'Attempts at providers, by how they ended.',
    labelNames: ['provider', 'status', 'failure_class'] as const,
    registers,
  })
  const usageSources = new TalliedCounter({
    name: 'weir_usage_source_total',
    help: 'Where the numbers of attempts came from.',
    labelNames: ['provider', 'source'] as const,
    registers,
  })
  const refusedCredentials = new Counter({
    name: 'weir_credentials_refused_total',
    help: 'How often a provider refused a credential of ours.',
    labelNames: ['credential'] as const,
    registers,
  })
  const connections = new Counter({
    name: 'weir_upstream_connections_total',
    help: 'Connections opened to providers.',
    labelNames: ['provider'] as const,
    registers,
  })
  const handshakes = new Counter({
    name: 'weir_upstream_tls_handshakes_total',
    help: 'TLS handshakes with providers. A resumed one costs a fraction of a new one.',
    labelNames: ['provider', 'resumed'] as const,
    registers,
  })
  const connectFailures = new Counter({
    name: 'weir_upstream_connect_failures_total',
    help: 'Connections to providers that did not come to be, by how far they came.',
    labelNames: ['provider', 'at'] as const,
    registers,
  })
  const dnsFailures = new Counter({
    name: 'weir_upstream_dns_failures_total',
    help: 'Connections for which DNS had no answer, those that an earlier answer served included.',
    labelNames: ['provider'] as const,
    registers,
  })
  const guardDecisions = new Counter({
    name: 'weir_guardrail_decisions_total',
    help: 'What guardrails saw, by rule, the kind of its level, phase and action; shadow: it only says what it would have done.',
    labelNames: ['rule', 'level', 'phase', 'action', 'shadow'] as const,
    registers,
  })
  const unmonitored = new Counter({
    name: 'weir_guardrail_unmonitored_total',
    help: 'Exchanges that guardrails did not look at which look when the answer has gone: too many waited.',
    registers,
  })
  const guardTime = new Histogram({
    name: 'weir_guardrail_seconds',
    help: 'How long the guardrails that are judged here took over one exchange, by phase.',
    labelNames: ['phase'] as const,
    buckets: guardBuckets,
    registers,
  })
  const guardsAsked = new Histogram({
    name: 'weir_guardrail_asked_seconds',
    help: 'How long guards that judge elsewhere took to be asked, by rule and what came of it.',
    labelNames: ['rule', 'outcome'] as const,
    buckets: askedBuckets,
    registers,
  })
  const retries = new Counter({
    name: 'weir_retries_total',
    help: 'Attempts after a failed one, by the provider they went to.',
    labelNames: ['provider'] as const,
    registers,
  })
  const hedges = new Counter({
    name: 'weir_hedges_total',
    help: 'Attempts beside a slow one, by the provider they went to.',
    labelNames: ['provider'] as const,
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
      for (const { id, state } of gauges.targets()) this.set({ target: id }, stateNumbers[state])
    },
  })
  new Gauge({
    name: 'weir_attempts_running',
    help: 'Attempts under way, by target.',
    labelNames: ['target'] as const,
    registers,
    collect() {
      this.reset()
      for (const { id, running: underWay } of gauges.targets()) this.set({ target: id }, underWay)
    },
  })
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
  new Gauge({
    name: 'weir_exchanges_running',
    help: 'Exchanges under way.',
    registers,
    collect() {
      this.set(gauges.running())
    },
  })
  const limitRefusals = new Counter({
    name: 'weir_limit_refusals_total',
    help: 'Calls that a limit refused, by the limit, the kind of its level and what it counts.',
    labelNames: ['limit', 'level', 'unit'] as const,
    registers,
  })
  const limitWait = new Histogram({
    name: 'weir_limit_wait_seconds',
    help: 'How long calls waited in line for a limit; those that did not wait are not counted.',
    buckets: waitBuckets,
    registers,
  })
  new Gauge({
    name: 'weir_limit_waiting',
    help: 'Calls that wait in line for a limit.',
    registers,
    collect() {
      this.set(gauges.waiting())
    },
  })

  const noteLimits = ({ asks, refused, waitedMs }: LimitDecision) => {
    if (waitedMs > 0) limitWait.observe(waitedMs / 1000)
    const rule = refused && asks[refused.place]?.rule
    if (rule) limitRefusals.inc({ limit: rule.name, level: kindOfLevel(rule.level), unit: rule.unit })
  }

  addLoadMetrics(registry, gauges.load)
  const { noteLedgerFault, noteBudgetExcess } = addLedgerMetrics(registry, gauges.ledger)

  const seriesOf = (record: UsageRecord) => {
    const { operation, status, usageSource: source } = record
    const provider = record.provider ?? 'none'
    const model = record.catalogModel ?? ''
    const labels = {
      gen_ai_operation_name: operation,
      gen_ai_provider_name: provider,
      // The entry of the config, never the client's own text: labels must not grow without bound.
      gen_ai_request_model: model,
    }
    const ofType = (type: string) => tokens.spread({ ...labels, gen_ai_token_type: type })
    return {
      attempts: attempts.tally({ provider, status, failure_class: record.failureClass ?? '' }),
      duration: duration.spread({ ...labels, error_type: record.errorKind ?? '' }),
      usageSource: usageSources.tally({ provider, source }),
      unpriced: unpricedAttempts.tally({ provider, model }),
      cost: cost.tally(labels),
      firstToken: firstToken.spread(labels),
      perToken: perToken.spread(labels),
      input: ofType('input'),
      output: ofType('output'),
      cacheRead: ofType('cached_input'),
      cacheWritten: ofType('cache_creation_input'),
      reasoning: ofType('reasoning'),
      units: countedUnits.map(({ component, unit }) => ({ component, tally: units.tally({ ...labels, unit }) })),
    }
  }
  // Most attempts are of a kind that was seen before: its series are kept.
  const knownSeries = new Map<string, ReturnType<typeof seriesOf>>()
  const knownSeriesOf = (record: UsageRecord) => {
    const { operation, provider, catalogModel, status, failureClass, errorKind, usageSource } = record
    const kind = `${operation}\0${provider}\0${catalogModel}\0${status}\0${failureClass}\0${errorKind}\0${usageSource}`
    const known = knownSeries.get(kind)
    if (known) return known
    const found = seriesOf(record)
    if (knownSeries.size >= rememberedKinds) knownSeries.clear()
    knownSeries.set(kind, found)
    return found
  }

  const noteAttempt = (record: UsageRecord) => {
    const series = knownSeriesOf(record)
    series.attempts.add(1)
    series.duration.observe(record.durationMs / 1000)
    const outputTokens = outputTokensOf(record)
    const inputTokens = inputTokensOf(record)
    let hasUsed = inputTokens + outputTokens > 0
    for (const { component, tally } of series.units)
      if (record[component] > 0) {
        hasUsed = true
        tally.add(record[component])
      }
    if (!hasUsed) return
    series.usageSource.add(1)
    if (inputTokens + outputTokens > 0) {
      series.input.observe(inputTokens)
      series.output.observe(outputTokens)
    }
    const cached = cacheReadTokensOf(record)
    if (cached > 0) series.cacheRead.observe(cached)
    const written = record.cacheWrite5m + record.cacheWrite1h + record.cacheWriteOther
    if (written > 0) series.cacheWritten.observe(written)
    if (record.outputReasoning > 0) series.reasoning.observe(record.outputReasoning)
    if (record.costNanos === undefined) {
      lookedUp.unpriced.add(1)
      series.unpriced.add(1)
    } else {
      lookedUp.exact.add(1)
      // A batch that came to less than was declared for it corrects the books, but a counter never falls.
      if (record.costNanos > 0n) series.cost.add(Number(record.costNanos) / 1e9)
    }
    // Both are of successful responses, as OpenTelemetry defines them.
    if (!record.isStream || record.firstByteMs === undefined || record.status !== 'ok') return
    series.firstToken.observe(record.firstByteMs / 1000)
    // A guess at the tokens tells nothing of how fast they came.
    if (outputTokens > 1 && record.usageSource === 'provider')
      series.perToken.observe((record.durationMs - record.firstByteMs) / 1000 / (outputTokens - 1))
  }

  const knownExchanges = new Map<string, ReturnType<typeof exchanges.tally>>()
  const exchangesLike = ({ endpoint, isStream, status, errorKind }: MeasuredExchange) => {
    const kind = `${endpoint}\0${isStream}\0${status}\0${errorKind}`
    const known = knownExchanges.get(kind)
    if (known) return known
    const labels = { endpoint, stream: String(isStream), status: String(status), error_type: errorKind ?? '' }
    const found = exchanges.tally(labels)
    if (knownExchanges.size >= rememberedKinds) knownExchanges.clear()
    knownExchanges.set(kind, found)
    return found
  }

  const noteGuardrails = (decisions: readonly GuardDecision[]) => {
    for (const { rule, level, phase, action, isShadow, count } of decisions)
      guardDecisions.inc({ rule, level: kindOfLevel(level), phase, action, shadow: String(isShadow) }, count)
  }

  return {
    note: (finished) => {
      exchangesLike(finished).add(1)
      if (finished.limits) noteLimits(finished.limits)
      noteGuardrails(finished.guardrails)
      for (const [phase, tookMs] of Object.entries(finished.guardrailsTookMs ?? {}))
        guardTime.observe({ phase }, tookMs / 1000)
      for (const { provider, kind } of finished.extraAttempts) (kind === 'hedge' ? hedges : retries).inc({ provider })
      for (const record of finished.records) if (record.attempt > 0) noteAttempt(record)
    },
    noteMonitored: noteGuardrails,
    noteUnmonitored: () => unmonitored.inc(),
    noteCredentialRefused: (credential) => refusedCredentials.inc({ credential }),
    noteGuardAsked: (rule, outcome, tookMs) => guardsAsked.observe({ rule, outcome }, tookMs / 1000),
    noteConnection: (connection) => {
      const { provider } = connection
      if (connection.kind === 'dns-failed') return dnsFailures.inc({ provider })
      if (connection.kind === 'failed') return connectFailures.inc({ provider, at: connection.at })
      connections.inc({ provider })
      if (connection.tls !== 'none') handshakes.inc({ provider, resumed: String(connection.tls === 'resumed') })
    },
    noteBreakerOpened: (provider) => breakersOpened.inc({ provider }),
    noteReload: (isTaken) => reloads.inc({ result: isTaken ? 'taken' : 'refused' }),
    noteRecordFailure: () => recordFailures.inc(),
    noteLedgerFault,
    noteBudgetExcess,
    noteWorkerDeath: () => workerDeaths.inc(),
    render: async (shares = []) => {
      const shown = shares.length === 0 ? registry : mergedRegistry([await registry.getMetricsAsJSON(), ...shares])
      return { contentType: registry.contentType, text: await shown.metrics() }
    },
    share: () => registry.getMetricsAsJSON(),
  }
}

/** Of `team acme/search` the first word: one label for each key would grow without bound. */
function kindOfLevel(level = 'gateway'): string {
  return level.split(' ', 1)[0] ?? ''
}
