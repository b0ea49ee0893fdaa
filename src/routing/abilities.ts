import type { Call, Need } from '../canonical/call.ts'
import type { AbilitySettings } from './settings.ts'

/** What a target's model can do, as far as anyone said. What nobody said it is taken to be able to do. */
export interface Abilities {
  readonly lacks: ReadonlySet<Need>
  readonly contextTokens: number | undefined
  readonly outputTokens: number | undefined
  /** Of one picture, at most. */
  readonly imageTokens: number | undefined
}

/** @param listedContextTokens the built-in list's context window, over which the config wins. */
export function abilitiesOf(settings: AbilitySettings, listedContextTokens: number | undefined): Abilities {
  const lacks = new Set<Need>()
  for (const [need, setting] of settingOfNeed) if (settings[setting] === false) lacks.add(need)
  return {
    lacks,
    contextTokens: settings.contextTokens ?? listedContextTokens,
    outputTokens: settings.outputTokens,
    imageTokens: settings.imageTokens,
  }
}

/**
 * Why a call asks more than a model can do; `undefined` when it does not.
 * @param bodyBytes the size of the caller's body.
 */
export function reasonOfAbility(abilities: Abilities, call: Call, bodyBytes: number): string | undefined {
  for (const need of call.needs) if (abilities.lacks.has(need)) return `lacks ${need}`
  const { outputCapTokens } = call
  if (outputCapTokens !== undefined && abilities.outputTokens !== undefined && outputCapTokens > abilities.outputTokens)
    return `writes at most ${abilities.outputTokens} tokens, and ${outputCapTokens} are asked for`
  // Text is at least one token for every `mostBytesPerToken` bytes: what is longer than that cannot fit. Media is not
  // text, and its bytes say nothing.
  const contextTokens =
    abilities.contextTokens === undefined ? undefined : abilities.contextTokens * Math.max(1, call.inputCount ?? 1)
  const isText = !call.needs.has('images') && !call.needs.has('documents') && !call.needs.has('audio')
  if (contextTokens !== undefined && isText && bodyBytes / mostBytesPerToken > contextTokens)
    return `reads at most ${contextTokens} tokens, and the call has more`
  return undefined
}

/** Far above what any text has: English has about 4.5. Only what cannot fit is kept away; the provider judges the rest. */
const mostBytesPerToken = 16

const settingOfNeed = [
  ['tools', 'tools'],
  ['images', 'images'],
  ['documents', 'documents'],
  ['audio', 'audio'],
  ['structured-output', 'structuredOutput'],
  ['reasoning', 'reasoning'],
  ['logprobs', 'logprobs'],
] as const satisfies readonly (readonly [Need, keyof AbilitySettings])[]
