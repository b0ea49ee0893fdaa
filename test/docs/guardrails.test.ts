import { describe, expect, it } from 'vitest'
import { askedStreamLimits } from '../../src/gateway/guards/asked-stream.ts'
import { mostKeptLength } from '../../src/gateway/guards/finished-texts.ts'
import { kindsByFamily } from '../../src/policies/guardrails/catalog.ts'
import { windowLengths } from '../../src/policies/guardrails/external/asked-text.ts'
import { longestAzureText } from '../../src/policies/guardrails/external/azure-access.ts'
import { longestBedrockText } from '../../src/policies/guardrails/external/bedrock-guardrail.ts'
import { toldByKind } from '../../src/policies/guardrails/external/guard-kinds.ts'
import { longestArmorText } from '../../src/policies/guardrails/external/model-armor.ts'
import { longestModeratedText, mostModeratedTexts } from '../../src/policies/guardrails/external/openai-moderation.ts'
import { pieceOverlap } from '../../src/policies/guardrails/external/pieces.ts'
import { longestJoined } from '../../src/policies/guardrails/joined-texts.ts'
import { pageAt, tableOf, plain } from './read-pages.ts'

describe('guardrails.md', () => {
  it('tells every kind that is found, with its family', () => {
    const rows = tableOf('docs/guardrails.md', ['Kind', 'Family', 'What counts'])
    expect(rows.map(([kind, family]) => [plain(kind), plain(family)])).toEqual(
      Object.entries(kindsByFamily).flatMap(([family, kinds]) => kinds.map((kind) => [kind, family])),
    )
  })

  it('tells every service that can be asked, and what it tells of what it found', () => {
    const rows = tableOf('docs/guardrails.md', ['Kind', 'Asks', 'Needs', 'Finds', 'Places', 'Scores'])
    expect(rows.map((row) => [plain(row[0]), row[4] !== 'no', row[5] !== 'no'])).toEqual(
      Object.entries(toldByKind).map(([kind, { places, scores }]) => [kind, places, scores]),
    )
  })

  it('tells the pieces of streams that are asked about, and how much is held, as the code has it', () => {
    const text = pageAt('docs/guardrails.md').text.replaceAll(/\s+/g, ' ')
    const { piece, overlap } = windowLengths
    for (const sentence of [
      `Pieces of about ${piece.toLocaleString('en')} characters, each once it was looked at. The last ${overlap} wait`,
      `no longer than the ${overlap} characters that wait`,
      `judged as one as well, up to their last ${longestJoined.toLocaleString('en')} characters`,
      `Up to ${askedStreamLimits.heldLength.toLocaleString('en')} characters are held`,
    ])
      expect(text).toContain(sentence)
    expect(mostKeptLength).toBe(askedStreamLimits.heldLength)
  })

  it('tells how much a service is asked about at once, as the code has it', () => {
    const text = pageAt('docs/guardrails.md').text.replaceAll(/\s+/g, ' ')
    const written = (count: number) => count.toLocaleString('en')
    expect(longestAzureText).toBe(longestArmorText)
    for (const sentence of [
      `OpenAI's takes ${mostModeratedTexts} at once`,
      `(${written(longestAzureText)} characters for Azure and Model Armor, ${written(longestBedrockText)} for Bedrock, ${written(longestModeratedText)} for OpenAI)`,
      `overlap by ${pieceOverlap} characters`,
    ])
      expect(text).toContain(sentence)
  })
})
