import { z } from 'zod'
import type { AskedGuard } from './asked-guard.ts'
import { azureContentSafety, azureContentSafetySettings } from './azure-content-safety.ts'
import { azurePromptShields, azurePromptShieldsSettings } from './azure-prompt-shields.ts'
import { bedrockGuardrail, bedrockGuardrailSettings } from './bedrock-guardrail.ts'
import type { GuardAdapter } from './external-guard.ts'
import { httpGuard, httpGuardSettings } from './http-guard.ts'
import { lakera, lakeraAddress, lakeraSettings } from './lakera.ts'
import { modelJudge, modelJudgeSettings } from './model-judge.ts'
import { modelArmor, modelArmorAddress, modelArmorSettings } from './model-armor.ts'
import { openAiAddress, openAiModeration, openAiModerationSettings } from './openai-moderation.ts'
import { presidio, presidioSettings } from './presidio.ts'

/** Whom a rule asks. A kind is one member here, a row of what it tells, and one case below. */
export const askSettings = z
  .discriminatedUnion('kind', [
    httpGuardSettings,
    presidioSettings,
    openAiModerationSettings,
    bedrockGuardrailSettings,
    azureContentSafetySettings,
    azurePromptShieldsSettings,
    modelArmorSettings,
    lakeraSettings,
    modelJudgeSettings,
  ])
  .describe('A guard that judges elsewhere, in place of `find`, `terms` and `patterns`.')

export type AskSettings = z.infer<typeof askSettings>

/** What each kind tells of what it found: its places, or how the text would read without; a score, which a threshold can be compared with. */
export const toldByKind = {
  http: { places: true, scores: true },
  presidio: { places: true, scores: true },
  'openai-moderation': { places: false, scores: true },
  'bedrock-guardrail': { places: true, scores: true },
  'azure-content-safety': { places: false, scores: true },
  'azure-prompt-shields': { places: false, scores: false },
  'model-armor': { places: true, scores: true },
  lakera: { places: true, scores: false },
  model: { places: true, scores: true },
} as const satisfies Record<AskSettings['kind'], { readonly places: boolean; readonly scores: boolean }>

/** How a guard is asked, and the one place that is connected to for it: scheme, host and port. */
export type OpenedGuard = Pick<AskedGuard, 'adapter' | 'origin' | 'judge'>

/**
 * @param threshold of the rule, for services that can be told it. Findings below it are left out anyway.
 * @param addressOf where the provider of some name is, up to the paths of its API; `undefined`: there is none that will do.
 * @returns `undefined` where that is so.
 */
export function openGuardKind(
  settings: AskSettings,
  threshold: number | undefined,
  addressOf: (provider: string) => string | undefined,
): OpenedGuard | undefined {
  switch (settings.kind) {
    case 'http':
      return opened(httpGuard(settings), settings.url)
    case 'presidio':
      return opened(presidio(settings, threshold), settings.url)
    case 'openai-moderation':
      return opened(openAiModeration(settings, threshold), settings.url ?? openAiAddress)
    case 'bedrock-guardrail': {
      const url = addressOf(settings.provider)
      return url === undefined ? undefined : opened(bedrockGuardrail(settings, url), url)
    }
    case 'azure-content-safety':
      return opened(azureContentSafety(settings), settings.url)
    case 'azure-prompt-shields':
      return opened(azurePromptShields(settings), settings.url)
    case 'model-armor':
      return opened(modelArmor(settings), modelArmorAddress(settings))
    case 'lakera':
      return opened(lakera(settings), settings.url ?? lakeraAddress)
    case 'model':
      return { adapter: modelJudge(settings), origin: '', judge: { isLimited: settings.limits === 'caller' } }
  }
}

function opened(adapter: GuardAdapter, url: string): OpenedGuard {
  return { adapter, origin: new URL(url).origin }
}
