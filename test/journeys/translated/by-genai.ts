import type { GenerateContentResponse, GoogleGenAI } from '@google/genai'
import type { Reading } from './reading.ts'

/** Asks through `@google/genai`, which gives a stream's chunks as they come. @returns `undefined` when it reads no answer. */
export async function byGenAi(client: GoogleGenAI, model: string, isStream: boolean): Promise<Reading | undefined> {
  const asked = { model, contents: 'hello' }
  const chunks: GenerateContentResponse[] = []
  if (isStream) for await (const chunk of await client.models.generateContentStream(asked)) chunks.push(chunk)
  else chunks.push(await client.models.generateContent(asked))
  const candidates = chunks.flatMap((chunk) => (chunk.candidates ?? []).filter(({ index }) => (index ?? 0) === 0))
  const parts = candidates.flatMap(({ content }) => content?.parts ?? [])
  const usage = chunks.findLast(({ usageMetadata }) => usageMetadata?.promptTokenCount !== undefined)?.usageMetadata
  const blocked = chunks.find(({ promptFeedback }) => promptFeedback?.blockReason !== undefined)
  if (!usage || (candidates.length === 0 && !blocked)) return undefined
  const reason = candidates.findLast(({ finishReason }) => finishReason !== undefined)?.finishReason
  return {
    text: parts.map(({ text, thought }) => (thought ? '' : (text ?? ''))).join(''),
    thoughts: parts.map(({ text, thought }) => (thought ? (text ?? '') : '')).join(''),
    toolCalls: parts.flatMap(({ functionCall: call }) =>
      call ? [{ name: call.name ?? '', arguments: call.args ?? {} }] : [],
    ),
    ending: blocked ? 'filter' : (endings[reason ?? ''] ?? 'end'),
    inputTokens: (usage.promptTokenCount ?? 0) + (usage.toolUsePromptTokenCount ?? 0),
    outputTokens: (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0),
  }
}

const endings: Readonly<Record<string, string>> = {
  MAX_TOKENS: 'length',
  SAFETY: 'filter',
  RECITATION: 'filter',
  BLOCKLIST: 'filter',
  LANGUAGE: 'filter',
  ESCALATION: 'filter',
  PROHIBITED_CONTENT: 'filter',
  SPII: 'filter',
  IMAGE_SAFETY: 'filter',
  IMAGE_RECITATION: 'filter',
  MODEL_ARMOR: 'filter',
  IMAGE_PROHIBITED_CONTENT: 'filter',
}
