/** Who did what: through the admin API, and by the config file. Hash-chained: an edited or removed entry breaks every later hash. */
export interface Audit {
  append(event: AuditEvent): Promise<void>
  /** As many as are asked for, if there are so many: whoever asks for one more than it shows sees whether there are more. */
  list(page: { readonly afterSequence: number; readonly limit: number }): Promise<readonly AuditEntry[]>
  /** Recomputes the chain from its first entry. */
  verify(): Promise<AuditVerdict>
}

export interface AuditEvent {
  readonly atMs: number
  /** `admin`, `config <version>`, `file` and `signal` (which had the config read), `system`. */
  readonly actor: string
  /** Noun and verb: `key.create`, `team.update`, `config.reload`. */
  readonly action: string
  /** What it was done to: `key abc123`, `team acme/search`. */
  readonly target: string
  /** JSON object with the particulars. Never a secret, never a hash of one. */
  readonly detail: string
}

export interface AuditEntry extends AuditEvent {
  /** From 1, without gaps. */
  readonly sequence: number
  readonly previousHash: string
  /** SHA-256, hex, over the previous hash and every field of this entry. */
  readonly hash: string
}

export type AuditVerdict =
  | { readonly isIntact: true; readonly entries: number; readonly lastHash: string }
  | { readonly isIntact: false; readonly brokenAtSequence: number; readonly reason: string }
