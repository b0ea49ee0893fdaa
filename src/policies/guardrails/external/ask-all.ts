import {
  GuardFailure,
  type ExternalFinding,
  type ExternalGuard,
  type GuardAdapter,
  type GuardAnswer,
  type GuardCall,
} from './external-guard.ts'

/** Sends one call of an adapter. @throws GuardFailure `unreachable`. */
export type SendGuardCall = (call: GuardCall, ending: AbortSignal) => Promise<GuardAnswer>

/** Calls of one question that are under way at once. */
export const mostCallsAtOnce = 8

/** A guard that is asked by its adapter's calls, several at once. The first that fails ends the others. */
export function guardOf(adapter: GuardAdapter, send: SendGuardCall): ExternalGuard {
  return {
    ask: async (question, signal) => {
      const calls = adapter.word(question)
      const found: (readonly ExternalFinding[])[] = []
      const ending = new AbortController()
      const either = AbortSignal.any([signal, ending.signal])
      let next = 0
      const askOn = async (): Promise<void> => {
        for (let place = next++; place < calls.length; place = next++) {
          const call = calls[place]
          if (!call) return
          const findings = adapter.read(question, place, await send(call, either))
          for (const finding of findings) checkPlace(finding, question.texts[finding.text]?.text)
          found[place] = findings
        }
      }
      try {
        await Promise.all(Array.from({ length: Math.min(mostCallsAtOnce, calls.length) }, askOn))
      } finally {
        ending.abort()
      }
      return found.flat()
    },
  }
}

/** What is written by these places must be in the text, whatever an adapter believed. */
function checkPlace({ span }: ExternalFinding, text: string | undefined): void {
  if (text === undefined)
    throw new GuardFailure('nonsense', 'the guard found something in a text that it was not asked about')
  if (span && !(span.start >= 0 && span.start < span.end && span.end <= text.length))
    throw new GuardFailure('nonsense', 'the guard names a place that is not in the text')
}
