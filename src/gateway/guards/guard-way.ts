import type { GuardPhase } from '../../canonical/guardrail.ts'
import type { AskedGuard } from '../../policies/guardrails/external/asked-guard.ts'
import type { Authorization, AuthorizationMeans, NetworkSettings, UpstreamCall } from '../../providers/provider.ts'

/** The way to one guard that judges elsewhere. */
export interface GuardWay {
  /** Names its connections, and metrics of them: `guardrail NAME`, which no provider is called. */
  readonly name: string
  /** The only place that is connected to: scheme, host and port. */
  readonly origin: string
  readonly network: NetworkSettings
  /**
   * What proves that a call is ours: a key, a token, or a signature over the whole of it.
   * @throws GatewayError `upstream_credential` when there is none to be had in time.
   */
  authorize(
    call: Pick<UpstreamCall, 'origin' | 'method' | 'path' | 'headers' | 'body'>,
    means: AuthorizationMeans,
  ): Authorization | Promise<Authorization>
}

/** How guards elsewhere are reached, and how long all of them together may take. */
export interface GuardWays {
  readonly ways: ReadonlyMap<AskedGuard, GuardWay>
  /** In one exchange. */
  readonly budgetMs: Readonly<Record<GuardPhase, number>>
}

/** Nobody is asked. */
export const noGuardWays: GuardWays = { ways: new Map(), budgetMs: { input: 0, output: 0 } }
