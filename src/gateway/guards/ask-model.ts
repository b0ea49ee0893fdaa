import type { GatewayError } from '../../canonical/error.ts'
import { openAiChat } from '../../dialects/openai-chat/index.ts'
import { GuardFailure, type GuardAnswer } from '../../policies/guardrails/external/external-guard.ts'
import { whenAborted } from '../../providers/when-aborted.ts'
import { planFor } from '../../routing/plan.ts'
import { askingOf } from '../asking.ts'
import { attemptInOrder } from '../attempt.ts'
import { budgetsOver } from '../budget.ts'
import type { Client, Exchange } from '../exchange.ts'
import { findModel } from '../find-model.ts'
import { takeLimits } from '../limit.ts'
import { openMeter } from '../meter.ts'
import type { Parts } from '../parts.ts'
import { readAsked } from '../read-asked.ts'
import { refuse } from '../refuse.ts'
import { relay } from '../relay.ts'
import type { Snapshot } from '../snapshot.ts'
import type { AskJudge } from './ask-guards.ts'
import type { Guarded } from './guard-input.ts'

/**
 * How a model of the catalog is asked as judge about an exchange: through the gateway itself, as an exchange of its own, with its own
 * record, in the budgets above the caller. No guardrail looks at it, so that a judge is never judged: its texts have been looked at, and
 * its answer is shown to nobody. The rule names the model, so that the caller need not be allowed it.
 * @param guarded the call that it is asked for, as far as it was looked at: its caller pays.
 */
export function judgeFor(guarded: Guarded, judged: Exchange, snapshot: Snapshot, parts: Parts): AskJudge {
  let number = 0
  return async ({ body }, { name, asked }, ending) => {
    const client = new ListeningClient(Buffer.from(body), judged.client, ending)
    const exchange: Exchange = {
      id: `${judged.id}-judge-${(number += 1)}`,
      startedAtMs: parts.clock.nowMs(),
      startedMonotonicMs: parts.clock.monotonicMs(),
      endpoint: { path: `guardrail ${name}`, dialect: openAiChat, operation: 'chat' },
      headers: none,
      client,
      // The call that it is asked for has room already.
      admit: () => undefined,
    }
    await serveJudge(exchange, guarded, asked.judge?.isLimited === true, snapshot, parts)
    return client.answer()
  }
}

/** The order of `serve`, without what was settled when the judged call came. */
async function serveJudge(
  exchange: Exchange,
  { principal, asked: judged }: Guarded,
  isLimited: boolean,
  snapshot: Snapshot,
  parts: Parts,
): Promise<void> {
  const meter = openMeter(exchange, snapshot, parts)
  try {
    meter.identified(principal)
    const read = readAsked(openAiChat, await exchange.client.readBody(snapshot.maxBodyBytes))
    // Who it is for, budgets may count by; the judge's provider is not told.
    const asked = { ...read, call: { ...read.call, endUser: judged.call.endUser } }
    meter.asked(asked)
    const found = findModel(snapshot.catalog, principal, asked.call.modelName)
    meter.found(found.model)
    const budgeted = budgetsOver(principal, asked, found.model.name, snapshot)
    if (isLimited) await takeLimits(exchange, principal, asked, found.model.name, snapshot, meter, parts)
    const plan = planFor(found, askingOf(exchange, asked, principal, found.model, snapshot, parts))
    meter.planned(plan)
    const answer = await attemptInOrder({ exchange, asked, guard: undefined, plan, budgeted, meter, parts })
    await relay(exchange, answer, meter, parts)
  } catch (thrown) {
    refuse(exchange, thrown, meter)
  } finally {
    meter.close()
  }
}

/** What the caller's headers ask for is for their own call. */
const none: Exchange['headers'] = { one: () => undefined, times: () => 0 }

/** Hears the answer to one call. It is gone when nobody waits any more. */
class ListeningClient implements Client {
  readonly #body: Buffer
  readonly #stopped: Pick<Client, 'stopped'>
  readonly #ending: AbortSignal
  #status: number | undefined
  #isWhole = false
  readonly #heard: Buffer[] = []

  constructor(body: Buffer, stopped: Pick<Client, 'stopped'>, ending: AbortSignal) {
    this.#body = body
    this.#stopped = stopped
    this.#ending = ending
  }

  answer(): GuardAnswer {
    if (this.#status === undefined || !this.#isWhole)
      throw new GuardFailure('unreachable', 'the model that judges gave no whole answer')
    // Why, its own record says.
    if (this.#status !== 200)
      throw new GuardFailure('unreachable', `the model that judges could not be asked (${this.#status})`)
    return { status: this.#status, body: Buffer.concat(this.#heard).toString('utf8') }
  }

  async readBody(): Promise<Buffer> {
    return this.#body
  }

  head(status: number): void {
    this.#status = status
  }

  write(bytes: Buffer): boolean {
    this.#heard.push(bytes)
    return true
  }

  drained(then: () => void): void {
    then()
  }

  end(lastBytes?: Buffer): void {
    if (lastBytes) this.#heard.push(lastBytes)
    this.#isWhole = true
  }

  breakOff(): void {
    this.#heard.length = 0
  }

  gone(then: () => void): void {
    whenAborted(this.#ending, () => {
      if (!this.#isWhole) then()
    })
  }

  stopped(then: (problem: GatewayError) => void): void {
    this.#stopped.stopped(then)
  }

  get isGone(): boolean {
    return this.#ending.aborted && !this.#isWhole
  }

  get hasBegun(): boolean {
    return this.#status !== undefined
  }
}
