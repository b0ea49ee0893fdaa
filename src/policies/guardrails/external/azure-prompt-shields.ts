import { z } from 'zod'
import { azureAccess, azureSafetyVersion, longestAzureText } from './azure-access.ts'
import type { GuardAdapter } from './external-guard.ts'
import { below, jsonCall } from './json-call.ts'
import { ofWhole, onePieceACall, type Piece } from './pieces.ts'
import { nonsense, readAnswer } from './read-answer.ts'

export const azurePromptShieldsSettings = z.strictObject({
  kind: z
    .literal('azure-prompt-shields')
    .describe(
      'Prompt Shields of Azure AI Content Safety: attacks by the user, and in what the model is given to read.',
    ),
  ...azureAccess,
})

/**
 * Prompt Shields of Azure AI Content Safety: attacks on the model by its user, and in what it is given to read.
 * Source: Microsoft Learn, "Text Operations - Shield Prompt", version 2024-09-01 (https://learn.microsoft.com/rest/api/contentsafety/
 * text-operations/shield-prompt), read 2026-11.
 */
export function azurePromptShields({ url }: Pick<z.infer<typeof azurePromptShieldsSettings>, 'url'>): GuardAdapter {
  return onePieceACall(longestAzureText, {
    word: (piece) =>
      jsonCall(
        below(url, `/contentsafety/text:shieldPrompt?api-version=${azureSafetyVersion}`),
        isOfUser(piece) ? { userPrompt: piece.text } : { documents: [piece.text] },
      ),
    read: (piece, answer) => {
      const { userPromptAnalysis, documentsAnalysis } = readAnswer('Azure Prompt Shields', answer, shape)
      const judged = isOfUser(piece) ? [userPromptAnalysis] : (documentsAnalysis ?? [])
      const [verdict] = judged
      if (judged.length !== 1 || !verdict) throw nonsense('Azure Prompt Shields', 'judged another number of texts')
      return verdict.attackDetected ? [ofWhole(isOfUser(piece) ? 'user-prompt-attack' : 'document-attack')] : []
    },
  })
}

/** What the user says, or the operator. All else the model only comes across. */
function isOfUser({ place }: Piece): boolean {
  return place === 'user' || place === 'system'
}

const verdict = z.object({ attackDetected: z.boolean() })
const shape = z.object({ userPromptAnalysis: verdict.nullish(), documentsAnalysis: z.array(verdict).nullish() })
