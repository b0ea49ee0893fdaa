/**
 * Whose model a name is of, as Bedrock spells names (`us.anthropic.claude-...`, an ARN that holds one). A profile of the caller's own
 * does not tell: `unknown`.
 */
export type Maker = 'anthropic' | 'nova' | 'openai' | 'other' | 'unknown'

export function makerOf(modelName: string): Maker {
  const name = modelName.toLowerCase()
  if (/anthropic|claude/.test(name)) return 'anthropic'
  if (/amazon\.nova|\bnova-/.test(name)) return 'nova'
  if (/openai\.|gpt-oss/.test(name)) return 'openai'
  return /(?:^|[./])(?:[a-z]{2,6}\.)?[a-z0-9]+\.[a-z0-9-]+/.test(name) ? 'other' : 'unknown'
}

/**
 * Who can read what a model signed, by OpenRouter's published names. Of the models of Bedrock only Anthropic's sign; a signature of
 * another is nothing that anyone else could read.
 */
export function signatureFormatOf(modelName: string): string {
  const maker = makerOf(modelName)
  return maker === 'anthropic' || maker === 'unknown' ? claudeFormat : 'bedrock-converse-v1'
}

export const claudeFormat = 'anthropic-claude-v1'
