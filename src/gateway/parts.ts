import type { Clock } from '../canonical/clock.ts'
import type { GatewayError } from '../canonical/error.ts'
import type { NoVerdict } from '../canonical/guardrail.ts'
import type { Upstream, UpstreamSockets } from '../providers/provider.ts'
import type { Health } from '../routing/health.ts'
import type { RetryBudget } from '../routing/retry-budget.ts'
import type { Ledger } from '../stores/ports/ledger.ts'
import type { RateLimiter } from '../stores/ports/rate-limiter.ts'
import type { StateHolders } from '../stores/ports/state-holders.ts'
import type { UsageNotes } from '../stores/ports/usage-records.ts'
import type { Drains } from './drain.ts'
import type { GuardMonitor } from './guards/guard-monitor.ts'
import type { Hooks } from './hooks.ts'
import type { Snapshot } from './snapshot.ts'

/** What one exchange is served with; made once by `build.ts`. */
export interface Parts {
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly snapshot: () => Snapshot
  readonly hashOf: (key: string) => string
  readonly usage: UsageNotes
  readonly limiter: RateLimiter
  readonly stateHolders: StateHolders
  readonly ledger: Ledger
  readonly upstream: Upstream
  readonly sockets: UpstreamSockets
  readonly health: Health
  readonly retryBudget: RetryBudget
  readonly drains: Drains
  readonly hooks: Hooks
  /** Told of every question to a guard elsewhere, by its rule: what came of it, and how long it took. */
  readonly onGuardAsked: (rule: string, outcome: 'clean' | 'found' | NoVerdict, tookMs: number) => void
  /** Told where there is no credential for a provider, of what keeps us from having it. */
  readonly onNoCredential: (provider: string, problem: GatewayError) => void
  readonly monitor: Pick<GuardMonitor, 'add'>
}
