import { textPlaces, type TextPlace } from '../../canonical/guardrail.ts'
import type { ConfigPath } from '../../config/config-path.ts'
import type { openConditions } from '../../config/condition.ts'
import { detectorsFor } from './catalog.ts'
import { fileTypesCheck } from './checks/file-types.ts'
import { largestCheck } from './checks/largest.ts'
import type { Detector } from './detect/detector.ts'
import { languageDetector } from './detect/language.ts'
import { ownPattern } from './detect/own-pattern.ts'
import { termsDetector } from './detect/terms.ts'
import type { AskedGuard } from './external/asked-guard.ts'
import { openGuardKind, type AskSettings } from './external/guard-kinds.ts'
import { readHosts, type HostList } from './detect/url-hosts.ts'
import { urlDetector } from './detect/urls.ts'
import { guardLevelsOf, isBelow, type GuardedConfig, type GuardLevel } from './levels.ts'
import type { GuardRule } from './rule.ts'
import type { GuardrailsSettings } from './settings.ts'

/** Told of every guard that is asked elsewhere: the way to it is for somebody who knows networks. */
export type OnAskedGuard = (guard: AskedGuard, settings: AskSettings, name: string, path: ConfigPath) => void

/**
 * Compiles the guardrails of the gateway and of every owner, from wide to narrow.
 * @param report told of what is wrong in a rule, with where it stands. A rule with a problem is left out, and the config refused.
 */
export function compileGuardrails(
  config: GuardedConfig,
  readCondition: ReturnType<typeof openConditions>,
  report: (path: ConfigPath, message: string) => void,
  onAsked: OnAskedGuard = () => undefined,
  addressOf: (provider: string) => string | undefined = () => undefined,
): readonly GuardRule[] {
  const levels = guardLevelsOf(config)
  for (const level of levels) reportTaken(level, levels, report)
  return levels.flatMap((level) => compileLevel(level, readCondition, report, onAsked, addressOf))
}

/** One name above a call is one rule: nobody takes the place of what stands above them, and records say which rule it was. */
function reportTaken(
  { settings, path, owner }: GuardLevel,
  levels: readonly GuardLevel[],
  report: (path: ConfigPath, message: string) => void,
): void {
  if (owner === undefined) return
  for (const name of Object.keys(settings)) {
    const holder = levels.find(
      (other) =>
        other.owner !== owner && Object.hasOwn(other.settings, name) && isBelow(other.owner, owner.caller, undefined),
    )
    if (holder)
      report(
        [...path, name],
        `has the name of a rule of ${holder.owner?.level ?? 'the gateway'} and cannot take its place: rules of a level are added to those above it. Give it a name of its own`,
      )
  }
}

function compileLevel(
  { settings, path: levelPath, owner }: GuardLevel,
  readCondition: ReturnType<typeof openConditions>,
  report: (path: ConfigPath, message: string) => void,
  onAsked: OnAskedGuard,
  addressOf: (provider: string) => string | undefined,
): readonly GuardRule[] {
  return Object.entries(settings).map(([name, rule]): GuardRule => {
    const path: ConfigPath = [...levelPath, name]
    const condition = rule.when === undefined ? undefined : readCondition(rule.when)
    if (condition?.ok === false) report([...path, 'when'], condition.problem)
    const own = rule.patterns.flatMap((pattern, place): readonly Detector[] => {
      const read = ownPattern(pattern)
      if (!read.ok) report([...path, 'patterns', place, 'pattern'], read.problem)
      return read.ok ? [read.detector] : []
    })
    const asked = askedOf(rule, addressOf)
    if (rule.ask && !asked) report([...path, 'ask', 'provider'], 'must name a provider of kind `bedrock` that is on')
    if (asked && rule.ask) onAsked(asked, rule.ask, name, [...path, 'ask'])
    return {
      name,
      asked,
      owner,
      detectors: [
        ...(rule.terms.length === 0 ? [] : [termsDetector(rule.terms)]),
        ...own,
        ...(rule.languages === undefined ? [] : [languageDetector(rule.languages)]),
        ...urlsOf(rule, (key, message) => report([...path, 'urls', key], message)),
        ...detectorsFor(rule.find, rule.except, rule.threshold),
      ],
      checks: [
        ...(rule.largest === undefined ? [] : [largestCheck(rule.largest)]),
        ...(rule.fileTypes === undefined ? [] : [fileTypesCheck(rule.fileTypes)]),
      ],
      phases: new Set(rule.phases),
      places: new Set(rule.in ?? standardPlaces(rule)),
      action: rule.action,
      tag: rule.tag,
      condition: condition?.ok === true ? condition.condition : undefined,
      isShadow: rule.shadow,
    }
  })
}

function urlsOf(
  { urls }: GuardrailsSettings[string],
  report: (key: 'allow' | 'deny', message: string) => void,
): readonly Detector[] {
  if (urls === undefined) return []
  const read = (key: 'allow' | 'deny'): HostList | undefined => {
    const names = urls[key]
    const hosts = names && readHosts(names)
    if (hosts?.ok === false) report(key, hosts.problem)
    return hosts?.ok === true ? hosts.list : undefined
  }
  return [urlDetector({ allow: read('allow'), deny: read('deny') })]
}

function standardPlaces(rule: GuardrailsSettings[string]): readonly TextPlace[] {
  // What users say are instructions, mostly: they are marked on purpose only.
  if (rule.action === 'mark') return ['tool-result', 'document']
  return isOnlyInjection(rule) ? untrustedPlaces : textPlaces
}

/** Where others than the operator have words. Operators tell their models all that attacks would. */
const untrustedPlaces: readonly TextPlace[] = ['user', 'tool-result', 'document', 'file-name']

/** Its schema has seen to it that a rule that asks says when it has waited long enough. */
function askedOf(
  { ask, deadlineMs, onTimeout, stream, threshold }: GuardrailsSettings[string],
  addressOf: (provider: string) => string | undefined,
): AskedGuard | undefined {
  if (ask === undefined || deadlineMs === undefined || onTimeout === undefined) return undefined
  const opened = openGuardKind(ask, threshold, addressOf)
  return opened && { ...opened, deadlineMs, onTimeout, stream, threshold }
}

function isOnlyInjection({
  find,
  terms,
  patterns,
  languages,
  urls,
  largest,
  fileTypes,
  ask,
}: GuardrailsSettings[string]): boolean {
  return (
    (ask ?? languages ?? urls ?? largest ?? fileTypes) === undefined &&
    terms.length + patterns.length === 0 &&
    find.every((name) => name === 'injection')
  )
}
