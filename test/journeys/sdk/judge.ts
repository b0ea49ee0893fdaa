import { isDeepStrictEqual } from 'node:util'
import type { SdkCase } from './cases.ts'
import { endsWell, generatesNothing, isUnaskedUsage } from './recorded-stream.ts'
import { problemDifferences, type DirectFailure } from './judge-problem.ts'
import { isRecord, member, type Driver, type Told } from './told.ts'

/**
 * How what the SDK gave through the gateway differs from what it gives at the provider itself; empty when it is the same
 * but for what is so by design:
 * - a chunk that holds nothing but the usage, which only the gateway asked for, is not there;
 * - a stream that ends before its answer does is told as cut (S1), where SDKs go by the end of the bytes;
 * - a failure is told by our table of errors; one that comes before any content, by its status and not in band, and one
 *   that a provider sends under a success status is a failure too.
 */
export async function toldDifferences(
  one: SdkCase,
  direct: Told,
  gateway: Told,
  driver: Driver,
): Promise<readonly string[]> {
  const pieces = direct.pieces.filter((piece) => !isUnaskedUsage(one, piece))
  const underSuccess = one.isStream || one.answer.status >= 300 ? undefined : problemIn(one)
  if (underSuccess) return problemDifferences(one, underSuccess, gateway.problem, driver)
  if (direct.problem?.isOfProvider === true) {
    const isInBand = direct.problem.status === undefined && !generatesNothing(direct.pieces)
    const status = direct.problem.status ?? one.answer.status
    return [
      ...(isInBand ? differencesIn('pieces', pieces, gateway.pieces) : differencesIn('pieces', [], gateway.pieces)),
      ...problemDifferences(one, { status, isInBand, problem: direct.problem }, gateway.problem, driver),
    ]
  }
  if (one.isStream && !endsWell(one))
    return [
      ...differencesIn('pieces', pieces, gateway.pieces),
      ...(gateway.problem?.code === 'upstream_cut' ? [] : [`not told as cut: ${JSON.stringify(gateway.problem)}`]),
    ]
  const isEdited = pieces.length < direct.pieces.length
  const whole = isEdited ? await driver.wholeOf(one, pieces) : direct.whole
  return [
    ...differencesIn('problem', direct.problem, gateway.problem),
    ...differencesIn('pieces', pieces, gateway.pieces),
    ...differencesIn('whole', whole, gateway.whole),
  ]
}

/** An error envelope where an answer should be, which SDKs hand over as if it were one. */
function problemIn({ answer }: SdkCase): DirectFailure | undefined {
  const error = member(JSON.parse(answer.body.toString('utf8')), 'error')
  if (!isRecord(error)) return undefined
  const { message, code, type, param } = error
  const said = { message: String(message), code, type, param }
  return { status: 200, isInBand: false, problem: { name: '', isOfProvider: true, status: undefined, ...said } }
}

/** The first place at which two plain values differ. */
export function differencesIn(name: string, expected: unknown, found: unknown): readonly string[] {
  if (isDeepStrictEqual(expected, found)) return []
  if (isBranch(expected) && isBranch(found) && Array.isArray(expected) === Array.isArray(found))
    for (const key of new Set([...Object.keys(expected), ...Object.keys(found)])) {
      const inner = differencesIn(`${name}.${key}`, expected[key], found[key])
      if (inner.length > 0) return inner
    }
  return [`${name}: ${excerpt(expected)} became ${excerpt(found)}`]
}

function isBranch(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function excerpt(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined'
  return text.length > 160 ? `${text.slice(0, 160)}...` : text
}
