/** How batches of Gemini's are asked for: what stands behind the model in the path. */
export const geminiBatchMethods = ['batchGenerateContent', 'asyncBatchEmbedContent'] as const
export type GeminiBatchMethod = (typeof geminiBatchMethods)[number]
