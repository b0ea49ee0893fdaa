import { calcPrice, findProvider } from '@pydantic/genai-prices'

/**
 * The context window of a model, in tokens, as the built-in list has it. `undefined` when the list does not say. Takes tens
 * of microseconds: asked once per target at load, not per call.
 */
export function listedContextTokens(priceProvider: string | undefined, modelName: string): number | undefined {
  if (priceProvider === undefined || modelName.includes('*')) return undefined
  // The package takes anything that contains a provider's name for that provider.
  if (findProvider({ providerId: priceProvider })?.id !== priceProvider) return undefined
  try {
    return calcPrice({}, modelName, { providerId: priceProvider })?.model.context_window
  } catch (thrown) {
    // The package throws where a row contradicts itself: the price book tells of it; a window is not known then.
    if (thrown instanceof Error) return undefined
    throw thrown
  }
}
