import { noUsage } from '../../canonical/usage.ts'
import { dialectLaws } from '../laws/dialect-laws.ts'
import { geminiGenerate } from './index.ts'

const usageMetadata = {
  promptTokenCount: 100,
  cachedContentTokenCount: 40,
  candidatesTokenCount: 50,
  thoughtsTokenCount: 15,
  toolUsePromptTokenCount: 7,
  totalTokenCount: 172,
}

const chunk = (parts: readonly object[], more: object = {}) =>
  `data: ${JSON.stringify({ candidates: [{ content: { role: 'model', parts }, index: 0, ...more }], usageMetadata, modelVersion: 'm-1' })}\n\n`

dialectLaws(geminiGenerate, {
  apis: ['generate'],
  providers: undefined,
  leftOut: [],
  body: { model: 'm', contents: [] },
  reply: {
    candidates: [{ content: { role: 'model', parts: [{ text: 'Grüße' }] }, finishReason: 'STOP', index: 0 }],
    usageMetadata,
    modelVersion: 'm-1',
  },
  usage: { ...noUsage, inputUncached: 67, cacheRead: 40, outputText: 50, outputReasoning: 15 },
  stream: [
    ': a comment\n\n',
    `data: ${JSON.stringify({ usageMetadata: { promptTokenCount: 100 }, modelVersion: 'm-1' })}\n\n`,
    chunk([{ text: 'Hm "finishReason"', thought: true }]),
    chunk([{ text: 'Grüße \\ 😀' }]),
    chunk([{ functionCall: { name: 'f', args: { a: 'b' } }, thoughtSignature: 'c2ln' }]),
    chunk([{ text: '' }], { finishReason: 'STOP' }),
  ].join(''),
})
