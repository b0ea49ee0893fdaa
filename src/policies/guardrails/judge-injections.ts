import { injectionKind } from './injection/detector.ts'
import type { Judged } from './judge-text.ts'
import type { GuardRule } from './rule.ts'

/** What the rules that look for injections make of some texts, each judged as a whole. Places are those of the text it was seen in. */
export function judgeInjections(rules: readonly GuardRule[], texts: readonly string[]): readonly Judged[] {
  return rules.flatMap((rule) =>
    rule.detectors
      .filter(({ kind }) => kind === injectionKind)
      .flatMap((detector) => texts.flatMap((text) => detector.find(text)))
      .map((finding) => ({ ...finding, rule })),
  )
}
