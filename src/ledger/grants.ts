import type { CapChange } from './caps.ts'

/**
 * A change of caps as the detail of a ledger entry: JSON, amounts as text since they are integers of 64 bits.
 * @param reason for people; nothing reads it but they.
 */
export function writeCapChange(change: CapChange, reason?: string): string {
  return JSON.stringify({ ...change, reason }, (_key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  )
}

/** @throws Error for what `writeCapChange` never wrote. */
export function readCapChange(detail: string): CapChange {
  const told: Readonly<Record<string, unknown>> = JSON.parse(detail)
  const { kind, accountId, ruleId, value, untilMs } = told
  const valueOrNone = typeof value === 'string' ? value : undefined
  if (kind === 'top-up' && typeof accountId === 'string')
    return { kind, accountId, amount: wholeOf(told['amount'], detail) }
  if (kind === 'raise' && typeof ruleId === 'string' && typeof untilMs === 'number')
    return { kind, ruleId, value: valueOrNone, amount: wholeOf(told['amount'], detail), untilMs }
  if (kind === 'cap' && typeof ruleId === 'string')
    return { kind, ruleId, cap: told['cap'] === undefined ? undefined : wholeOf(told['cap'], detail) }
  throw new Error(`no change of a cap: ${detail}`)
}

/** What config or API say that a budget may spend. */
export interface ConfiguredCap {
  readonly ruleId: string
  /** In the unit of the budget; `undefined`: there is no such budget any more. */
  readonly cap: bigint | undefined
}

/** The same as the detail of a ledger entry. */
export function writeConfiguredCap({ ruleId, cap }: ConfiguredCap): string {
  return JSON.stringify({ kind: 'configured', ruleId, cap: cap?.toString() })
}

/** @throws Error for what `writeConfiguredCap` never wrote. */
export function readConfiguredCap(detail: string): ConfiguredCap {
  const { kind, ruleId, cap }: Readonly<Record<string, unknown>> = JSON.parse(detail)
  if (kind === 'configured' && typeof ruleId === 'string')
    return { ruleId, cap: cap === undefined ? undefined : wholeOf(cap, detail) }
  throw new Error(`no configured cap: ${detail}`)
}

/** Why the change was made, as whoever made it said. */
export function reasonOf(detail: string): string | undefined {
  const { reason }: Readonly<Record<string, unknown>> = JSON.parse(detail)
  return typeof reason === 'string' ? reason : undefined
}

function wholeOf(text: unknown, detail: string): bigint {
  if (typeof text === 'string' && /^-?\d+$/.test(text)) return BigInt(text)
  throw new Error(`no change of a cap: ${detail}`)
}
