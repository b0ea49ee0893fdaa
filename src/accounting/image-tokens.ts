/**
 * The most tokens of one picture at models that count far more than others, `undefined` for the rest: gpt-4o-mini counts 2,833
 * and 5,667 for each of at most 8 tiles (OpenAI, "Images and vision", 2026-11).
 */
export function knownImageTokens(modelName: string): number | undefined {
  return /(?:^|\/)gpt-4o-mini/.test(modelName) ? 2_833 + 8 * 5_667 : undefined
}
