import type { GuardPhase } from '../../canonical/guardrail.ts'
import { guardOf } from '../../policies/guardrails/external/ask-all.ts'
import {
  GuardFailure,
  type ExternalFinding,
  type ExternalGuard,
  type GuardAnswer,
  type GuardCall,
} from '../../policies/guardrails/external/external-guard.ts'
import type { AskedRule, Verdict } from '../../policies/guardrails/external/verdict.ts'
import type { Text } from '../../policies/guardrails/texts.ts'
import type { Parts } from '../parts.ts'
import type { GuardWays } from './guard-way.ts'
import { sendGuardCall } from './send-guard-call.ts'

/** Asks a model of the config about the exchange of somebody who pays for it. @throws GuardFailure. */
export type AskJudge = (call: GuardCall, rule: AskedRule, ending: AbortSignal) => Promise<GuardAnswer>

/** The guards elsewhere of one exchange, and the time that is left to ask them. */
export class GuardsElsewhere {
  readonly #ways: GuardWays['ways']
  readonly #leftMs: Record<GuardPhase, number>
  readonly #parts: Pick<Parts, 'clock' | 'upstream' | 'onGuardAsked' | 'onNoCredential'>
  readonly #askJudge: AskJudge

  constructor(
    { ways, budgetMs }: GuardWays,
    parts: Pick<Parts, 'clock' | 'upstream' | 'onGuardAsked' | 'onNoCredential'>,
    askJudge: AskJudge,
  ) {
    this.#askJudge = askJudge
    this.#ways = ways
    this.#leftMs = { ...budgetMs }
    this.#parts = parts
  }

  /**
   * Asks all rules at once about the texts of their places. Each has its own deadline, and all of them what is left of the phase's
   * time: a rule that has none left is not asked.
   * @param ending when nobody waits for it any more. What comes then means nothing.
   * @returns a verdict of each rule that has a text to look at, in the order of the rules.
   */
  async ask(
    rules: readonly AskedRule[],
    texts: readonly Text[],
    phase: GuardPhase,
    ending: AbortSignal,
  ): Promise<readonly Verdict[]> {
    const { clock } = this.#parts
    const startedMs = clock.monotonicMs()
    const leftMs = this.#leftMs[phase]
    const asked = rules.flatMap((rule) => {
      const ofRule = texts.filter(({ place, text }) => rule.places.has(place) && text.trim() !== '')
      return ofRule.length === 0 ? [] : [this.#verdict(rule, ofRule, phase, leftMs, ending)]
    })
    const verdicts = await Promise.all(asked)
    this.#leftMs[phase] = leftMs - (clock.monotonicMs() - startedMs)
    return verdicts
  }

  async #verdict(
    rule: AskedRule,
    texts: readonly Text[],
    phase: GuardPhase,
    leftMs: number,
    ending: AbortSignal,
  ): Promise<Verdict> {
    const { clock, onGuardAsked } = this.#parts
    const startedMs = clock.monotonicMs()
    const told = (outcome: Parameters<Parts['onGuardAsked']>[1]) =>
      onGuardAsked(rule.name, outcome, clock.monotonicMs() - startedMs)
    try {
      const { threshold } = rule.asked
      const findings = (await this.#findings(rule, texts, phase, leftMs, ending)).filter(
        ({ score }) => score === undefined || threshold === undefined || score >= threshold,
      )
      told(findings.length === 0 ? 'clean' : 'found')
      return { kind: 'judged', rule, texts, findings }
    } catch (thrown) {
      if (!(thrown instanceof GuardFailure)) throw thrown
      if (!ending.aborted) told(thrown.kind)
      return { kind: 'none', rule, texts, why: thrown.kind }
    }
  }

  async #findings(
    rule: AskedRule,
    texts: readonly Text[],
    phase: GuardPhase,
    leftMs: number,
    ending: AbortSignal,
  ): Promise<readonly ExternalFinding[]> {
    if (leftMs <= 0) throw new GuardFailure('timeout', 'no time is left to ask guards in this exchange')
    const over = new AbortController()
    const { promise: late, reject } = Promise.withResolvers<never>()
    const timer = this.#parts.clock.after(Math.min(rule.asked.deadlineMs, leftMs), () => {
      reject(new GuardFailure('timeout', 'the guard did not answer in time'))
      over.abort()
    })
    try {
      const guard = this.#guardFor(rule)
      return await Promise.race([guard.ask({ phase, texts }, AbortSignal.any([ending, over.signal])), late])
    } finally {
      timer.cancel()
    }
  }

  #guardFor(rule: AskedRule): ExternalGuard {
    const { asked } = rule
    if (asked.judge) return guardOf(asked.adapter, (call, ending) => this.#askJudge(call, rule, ending))
    const way = this.#ways.get(asked)
    if (!way) throw new Error('a guard is asked that has no way to it')
    return guardOf(asked.adapter, (call, ending) => sendGuardCall(way, call, this.#parts, ending))
  }
}
