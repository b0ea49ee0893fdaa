import { GatewayError } from '../../canonical/error.ts'
import type { Principal } from '../../canonical/principal.ts'
import type { GuardNotes } from '../../policies/guardrails/guard-text.ts'
import { guardInput } from '../guards/guard-input.ts'
import type { Meter } from '../meter.ts'
import type { Parts } from '../parts.ts'
import type { Snapshot } from '../snapshot.ts'
import type { CarriedGuard } from './guard-carried.ts'
import type { InnerCall } from './inner-calls.ts'
import { WorkTurns } from './work-turns.ts'

/**
 * Has guardrails look at every call inside; others have their turn meanwhile. One that would be changed, sent elsewhere, asked about elsewhere, or looked at in its answer
 * is refused: the answers of a batch come as a file, long after, and a batch may have so many calls that nobody could wait for a guard.
 * @throws GatewayError `guardrail_blocked`; `unsupported`, naming the call.
 */
export async function guardInner(
  calls: readonly InnerCall[],
  principal: Principal,
  snapshot: Snapshot,
  meter: Pick<Meter, 'guarded' | 'monitored'>,
  parts: Pick<Parts, 'clock' | 'hashOf'>,
  notes: GuardNotes,
): Promise<void> {
  const turns = new WorkTurns(bytesGuardedInOneTurn)
  for (const { asked, where } of calls) {
    const guarded = guardInput(asked, principal, snapshot, parts, () => meter.guarded(notes), notes)
    meter.monitored(guarded.monitoring, asked)
    if (guarded.asked !== asked || guarded.answer || guarded.elsewhere || guarded.principal !== principal)
      throw new GatewayError(
        'unsupported',
        `${where}: a guardrail would change this call, ask elsewhere about it or look at its answer, which cannot be done here: send it by itself`,
      )
    await turns.after(asked.body.length)
  }
}

/** Has them look at what stands around the calls as well. @throws GatewayError as `CarriedGuard.mustPass` does. */
export async function guardAround(around: Iterable<Buffer>, guard: Pick<CarriedGuard, 'mustPass'>): Promise<void> {
  const turns = new WorkTurns(bytesGuardedInOneTurn)
  for (const bytes of around) {
    await guard.mustPass({ bytes, contentType: undefined })
    await turns.after(bytes.length)
  }
}

/** Some ten milliseconds of work: rules take their time. */
const bytesGuardedInOneTurn = 64 * 1024
