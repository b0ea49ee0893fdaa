import type { Detector } from '../../policies/guardrails/detect/detector.ts'
import type { Looking } from '../../policies/guardrails/guard-across.ts'
import { writerOf } from '../../policies/guardrails/guard-text.ts'
import type { GuardRule } from '../../policies/guardrails/rule.ts'
import type { AnswerRules } from './guard-input.ts'

/** Rules over an answer. What was masked in the call is looked for like anything else, and written back as it was. */
export function lookingAt({ rules, masks, notes }: AnswerRules): Looking {
  const restoring = masks.isEmpty ? undefined : restoringRule(masks.detector)
  const write = writerOf(masks)
  return {
    rulesAt: (place) => {
      const applying = rules.filter(({ places }) => places.has(place))
      return restoring ? [...applying, restoring] : applying
    },
    note: (seen, place, path) =>
      notes.add(
        seen.filter(({ rule }) => rule !== restoring),
        'output',
        place,
        path,
      ),
    write: (edit, found) => (edit.kind === 'mask' ? (masks.originalOf(found) ?? found) : write(edit, found)),
  }
}

function restoringRule(detector: Detector): GuardRule {
  return {
    name: 'masks',
    detectors: [detector],
    phases: new Set(['output']),
    places: new Set(),
    action: 'mask',
    tag: undefined,
    condition: undefined,
    isShadow: false,
  }
}
