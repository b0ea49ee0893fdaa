/**
 * The most that well-known models write in one answer, in tokens: a cap above it is refused by their providers. The first
 * row that fits decides. Source: the model pages of OpenAI, Google and Cohere, 2026-11; compared with LiteLLM's table in
 * `output-maximum.test.ts`.
 */
const maxima: readonly (readonly [names: RegExp, tokens: number])[] = [
  [/^gpt-3\.5/, 4_096],
  [/^gpt-4o-2024-05-13/, 4_096],
  [/^gpt-4o/, 16_384],
  [/^gpt-4\.1/, 32_768],
  [/^gpt-4(?:-|$)/, 4_096],
  [/^gpt-audio/, 16_384],
  [/^gpt-5[^/]*-chat/, 16_384],
  [/^gpt-5/, 128_000],
  [/^o[134](?:-|$)/, 100_000],
  [/^gemini-(?:1\.5|2\.0|2\.5-flash-native-audio|flash-experimental)/, 8_192],
  [/^gemini-/, 64_000],
  [/^deepseek-chat/, 8_192],
  [/^deepseek-reasoner/, 65_536],
  [/^grok-4/, 128_000],
  [/^command-a-reasoning/, 32_000],
  [/^command-a-(?:03|vision|translate)/, 8_000],
  [/^command(?:-r|-light|$)/, 4_000],
]

/** `undefined`: not known. Names may stand behind those of a house, as OpenRouter has them: `openai/gpt-4o`. */
export function knownOutputTokens(modelName: string): number | undefined {
  const name = modelName.slice(modelName.lastIndexOf('/') + 1)
  return maxima.find(([names]) => names.test(name))?.[1]
}
