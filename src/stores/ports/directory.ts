import type { BudgetsSettings } from '../../config/budget-settings.ts'
import type { LimitsSettings } from '../../config/limit-settings.ts'
import type { Owner } from '../../canonical/principal.ts'
import type { AuditEvent } from './audit.ts'

/** What was made through the admin API. What the config file names lives in the config, not here. */
export interface Directory {
  /** Everything, revoked keys included. From memory: never waits for a disk. */
  contents(): DirectoryContents
  /**
   * Applies a change and its audit entry in one transaction: both or neither. `contents()` shows it when this resolves.
   * @throws GatewayError `invalid_request` when the entity exists already, or its owner does not.
   */
  change(change: DirectoryChange, audit: AuditEvent): Promise<void>
}

export interface DirectoryContents {
  readonly entities: readonly Entity[]
  readonly keys: readonly KeyEntry[]
}

/** One change, with everything that follows from it: a change is whole, or it is not. */
export type DirectoryChange =
  | { readonly kind: 'put-entity'; readonly entity: Entity; readonly mustBeNew: boolean }
  | {
      readonly kind: 'remove-entity'
      readonly entity: Pick<Entity, 'kind' | 'name' | 'organisation' | 'team'>
    }
  | { readonly kind: 'add-key'; readonly key: KeyEntry }
  | { readonly kind: 'revoke-key'; readonly keyId: string; readonly atMs: number }
  /** Rotation: the new key is added and the old one ends at `oldExpiresAtMs`, together. */
  | {
      readonly kind: 'rotate-key'
      readonly oldKeyId: string
      readonly oldExpiresAtMs: number
      readonly key: KeyEntry
    }

export type EntityKind = 'organisation' | 'team' | 'project' | 'user' | 'agent'

/** Something that owns keys or carries policy. Teams and projects live under the levels above; users and agents under an organisation. */
export interface Entity {
  readonly kind: EntityKind
  readonly name: string
  /** The levels above it: none for an organisation, the organisation for a team, user or agent, the team too for a project. */
  readonly organisation: string | undefined
  readonly team: string | undefined
  /** Allowed models; `undefined`: inherits. */
  readonly models: readonly string[] | undefined
  readonly limits: LimitsSettings | undefined
  readonly budgets: BudgetsSettings | undefined
  /** Tags that a target must have, besides those the other levels require. */
  readonly require: readonly string[] | undefined
  /** Of organisations only: where the days of its budgets begin. IANA name. */
  readonly timezone: string | undefined
  readonly createdAtMs: number
}

/** A key and what it may do. It is known by its hash alone. */
export interface KeyEntry extends Owner {
  /** The ten characters in the key itself. */
  readonly id: string
  readonly name: string
  /** HMAC-SHA-256 of the whole key under the pepper, hex. The key itself is stored nowhere. */
  readonly hash: string
  /** The last four characters, for people to tell keys apart. `undefined` for a key whose hash came from the config. */
  readonly last4: string | undefined
  readonly models: readonly string[] | undefined
  readonly limits: LimitsSettings | undefined
  readonly budgets: BudgetsSettings | undefined
  /** Tags that a target must have, besides those the levels above require. */
  readonly require: readonly string[] | undefined
  readonly createdAtMs: number
  /** From this moment on it is refused. */
  readonly expiresAtMs: number | undefined
  /** What it was made to live: a rotation ends the key sooner, and does not change this. `undefined`: it was made to last. */
  readonly lifetimeMs: number | undefined
  readonly revokedAtMs: number | undefined
}
