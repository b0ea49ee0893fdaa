import { textPlaces } from '../../src/canonical/guardrail.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { anyCall } from '../../src/dialects/laws/meanings.ts'
import { AskedStream } from '../../src/gateway/guards/asked-stream.ts'
import type { AskingRules } from '../../src/gateway/guards/asked-answer.ts'
import { StreamSource } from '../../src/gateway/stream-source.ts'
import { translatorFor } from '../../src/gateway/translate-answer.ts'
import type { StreamListener } from '../../src/gateway/upstream-answer.ts'
import type { StreamWay } from '../../src/policies/guardrails/external/asked-guard.ts'
import type { ExternalFinding } from '../../src/policies/guardrails/external/external-guard.ts'
import type { AskedRule, Verdict } from '../../src/policies/guardrails/external/verdict.ts'
import type { Detector } from '../../src/policies/guardrails/detect/detector.ts'
import type { Text } from '../../src/policies/guardrails/texts.ts'
import { turnedClock } from '../turned-clock.ts'
import { answerRules, settings } from './play.ts'

/** Rules whose guard, elsewhere, redacts what a detector finds. */
export function askingRules(detector: Detector, stream: StreamWay): AskingRules {
  const rule: AskedRule = {
    name: 'planted',
    detectors: [],
    phases: new Set(['output']),
    places: new Set(textPlaces),
    action: 'redact',
    tag: undefined,
    condition: undefined,
    isShadow: false,
    asked: {
      adapter: { word: () => [], read: () => [] },
      origin: 'https://guard.example',
      deadlineMs: 1,
      onTimeout: 'block',
      stream,
      threshold: undefined,
    },
  }
  const ask = async (_: unknown, texts: readonly Text[]): Promise<readonly Verdict[]> => {
    const findings = texts.flatMap(({ text }, place) =>
      detector.find(text).map(({ kind, start, end }): ExternalFinding => {
        return { text: place, kind, score: undefined, span: { start, end }, replacement: undefined }
      }),
    )
    return texts.length === 0 ? [] : [{ kind: 'judged', rule, texts, findings }]
  }
  return { ...answerRules([]), elsewhere: { rules: [rule], guards: { ask } } }
}

/**
 * A stream of a provider's as its client gets it, in server-sent events, once a guard elsewhere has looked at it.
 * @returns `undefined` where it did not end well.
 */
export async function playedAsked(
  provider: Dialect,
  client: Dialect,
  pieces: Iterable<Buffer>,
  guard: AskingRules,
): Promise<string | undefined> {
  const translator = translatorFor(provider, { ...client, framing: 'sse' }, {}, settings, { guard })
  if (!translator?.asked) throw new Error('nobody is asked')
  const source = new StreamSource(provider.openStream(anyCall), translator, 'sse', 'sse')
  const shown: string[] = []
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const listener: StreamListener = {
    piece: ({ pass, ending }) => {
      shown.push(...pass.map(String))
      if (ending) resolve([...shown, String(ending)].join(''))
    },
    over: (problem) => resolve(problem ? undefined : shown.join('')),
  }
  const still = () => undefined
  let heard: StreamListener | undefined
  const upstream = { pause: still, resume: still, abandon: still, listen: (by: StreamListener) => void (heard = by) }
  const stream = new AskedStream(translator.asked, upstream, turnedClock(), listener)
  stream.begin([])
  for (const piece of pieces) heard?.piece(source.take(piece))
  heard?.piece(source.takeRest())
  if (!source.hasEnded) heard?.over(undefined)
  return await promise
}
