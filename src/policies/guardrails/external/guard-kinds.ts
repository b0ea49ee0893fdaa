import { z } from 'zod'
import type { GuardAdapter } from './external-guard.ts'
import { httpGuard, httpGuardSettings } from './http-guard.ts'

/** Whom a rule asks. A kind is one member here, and one case below. */
export const askSettings = z
  .discriminatedUnion('kind', [httpGuardSettings])
  .describe('A guard that judges elsewhere, in place of `find`, `terms` and `patterns`.')

export type AskSettings = z.infer<typeof askSettings>

/** How a guard is asked, and the one place that is connected to for it: scheme, host and port. */
export interface OpenedGuard {
  readonly adapter: GuardAdapter
  readonly origin: string
}

/** @param threshold of the rule, for services that can be told it. Findings below it are left out anyway. */
export function openGuardKind(settings: AskSettings, _threshold: number | undefined): OpenedGuard {
  switch (settings.kind) {
    case 'http':
      return { adapter: httpGuard(settings), origin: new URL(settings.url).origin }
  }
}
