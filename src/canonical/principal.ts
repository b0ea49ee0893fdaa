import type { BudgetRule } from './budget.ts'
import type { LimitRule } from './limit.ts'

/** Who owns something: a path in the tree of organisations. A key's owner names every level it stands under. */
export interface Owner {
  readonly organisation: string
  readonly team: string | undefined
  readonly project: string | undefined
  readonly user: string | undefined
  readonly agent: string | undefined
}

/** Who is calling. Made by `identify` only, before any body is read; every later stage asks for one. */
export interface Principal extends Owner {
  readonly keyId: string
  readonly keyName: string
  /** The allowed models of every level above the call that says any, from wide to narrow. Each must allow a model. */
  readonly allowedModels: readonly AllowedModels[]
  /** The limits of every level above the call, from wide to narrow. Each must have room. */
  readonly limits: readonly LimitRule[]
  /** The budgets of every level above the call, from wide to narrow. Each must have room. */
  readonly budgets: readonly BudgetRule[]
  /** The required tags of every level that says any, from wide to narrow. A target must have all of them. */
  readonly requiredTags: readonly RequiredTags[]
  /** From `x-weir-metadata`: labels for chargeback. Never identity. */
  readonly metadata: Readonly<Record<string, string>>
  /** From `x-weir-run-id`: which run of an agent the call belongs to. Never identity. */
  readonly runId: string | undefined
}

export interface AllowedModels {
  /** Who set it, for the refusal: `organisation acme`, `key ci`. */
  readonly level: string
  /** Names or patterns with one `*`. An empty list allows nothing. */
  readonly patterns: readonly string[]
}

export interface RequiredTags {
  /** Who set it, for the refusal: `organisation acme`, `key ci`. */
  readonly level: string
  readonly tags: readonly string[]
}
