import type { DocumentedDefault, Repeated } from '../material.ts'

const countKeys = {
  promptTokensDetails: 'promptTokenCount',
  candidatesTokensDetails: 'candidatesTokenCount',
  cacheTokensDetails: 'cachedContentTokenCount',
  toolUsePromptTokensDetails: 'toolUsePromptTokenCount',
} as const

/** Values that say what leaving the field out says. Source: Gemini API discovery document, revision 20260717. */
export const generateDefaults: readonly DocumentedDefault[] = [
  {
    pattern: 'toolConfig.functionCallingConfig.mode',
    values: ['AUTO', 'MODE_UNSPECIFIED'],
    reason: '"AUTO: default model behavior"',
  },
  { pattern: 'generationConfig', values: [{}], reason: 'an empty object says nothing' },
  { pattern: 'contents[].parts[].functionResponse.response', values: [{}], reason: 'a tool that says nothing' },
  { pattern: 'contents[].parts[].function_response.response', values: [{}], reason: 'a tool that says nothing' },
  {
    pattern: 'generationConfig.thinkingConfig.includeThoughts',
    values: [false],
    reason: 'thoughts are left out unless they are asked for',
  },
  { pattern: 'stream', values: [false], reason: 'the path without a stream' },
  { pattern: 'contents[].role', values: ['user'], reason: 'a content without a role is the user’s' },
  { pattern: 'systemInstruction.role', values: ['user', 'system', 'model'], reason: 'Google passes over it' },
  { pattern: 'generationConfig.responseModalities', values: [['TEXT']], reason: 'text is what a model answers in' },
  { pattern: 'generationConfig.responseModalities[]', values: ['TEXT'], reason: 'text is what a model answers in' },
  { pattern: 'generationConfig.thinkingConfig.includeThoughts', values: [false], reason: 'default `false`' },
  { pattern: 'generationConfig.candidateCount', values: [1], reason: 'default 1' },
  { pattern: 'toolConfig.functionCallingConfig.mode', values: ['AUTO'], reason: 'default AUTO' },
  ...['thought'].flatMap((key) => [
    { pattern: `contents[].parts[].${key}`, values: [false], reason: 'a part is no thought unless it says so' },
    {
      pattern: `candidates[].content.parts[].${key}`,
      values: [false],
      reason: 'a part is no thought unless it says so',
    },
  ]),
  { pattern: 'contents[].parts[].text', values: [''], reason: 'an empty text says nothing' },
  { pattern: 'contents[].parts[].functionCall.args', values: [{}], reason: 'a call without arguments has none' },
  { pattern: 'contents[].parts[].function_call.args', values: [{}], reason: 'a call without arguments has none' },
  // Of answers.
  { pattern: 'candidates[].content', values: [{}], reason: 'a content without parts says nothing' },
  { pattern: 'candidates[].content.role', values: ['model'], reason: 'an answer is always the model’s' },
  { pattern: 'candidates[].index', values: 'place', reason: 'candidates come in their order' },
  {
    pattern: 'candidates[].finishReason',
    values: ['STOP', 1],
    reason: 'an answer that does not say why it ended has ended by itself',
  },
  { pattern: 'candidates[].content.parts[].text', values: [''], reason: 'an empty text says nothing' },
  {
    pattern: 'candidates[].content.parts[].functionCall.args',
    values: [{}],
    reason: 'a call without arguments has none',
  },
  ...detailsKeys().map((key) => ({
    pattern: `usageMetadata.${key}[].modality`,
    values: ['TEXT', 'VIDEO', 'DOCUMENT', 1, 3, 5],
    reason: 'priced as text is, and counted with it',
  })),
  ...['candidatesTokenCount', 'thoughtsTokenCount', 'toolUsePromptTokenCount', 'cachedContentTokenCount'].map((key) =>
    none(`usageMetadata.${key}`),
  ),
]

export const generateRepeated: readonly Repeated[] = [
  {
    pattern: 'generationConfig.responseMimeType',
    beside: ['responseJsonSchema', 'responseSchema', '_responseJsonSchema'],
  },
  // A result names its call twice, where it has an id.
  { pattern: 'contents[].parts[].functionResponse.id', beside: ['name'] },
  { pattern: 'contents[].parts[].function_response.id', beside: ['name'] },
  { pattern: 'contents[].parts[].functionResponse.name', beside: ['id'] },
  { pattern: 'contents[].parts[].function_response.name', beside: ['id'] },
  { pattern: 'usageMetadata.promptTokensDetails[].modality', beside: ['../../cacheTokensDetails'] },
  { pattern: 'usageMetadata.totalTokenCount', beside: ['promptTokenCount', 'promptTokensDetails'] },
  { pattern: 'usageMetadata.candidatesTokenCount', beside: ['totalTokenCount', 'candidatesTokensDetails'] },
  { pattern: 'usageMetadata.promptTokenCount', beside: ['totalTokenCount', 'promptTokensDetails'] },
  { pattern: 'usageMetadata.cachedContentTokenCount', beside: ['cacheTokensDetails'] },
  { pattern: 'usageMetadata.toolUsePromptTokenCount', beside: ['toolUsePromptTokensDetails'] },
  ...detailsKeys().flatMap((key): Repeated[] => {
    const count = countKeys[key]
    return [
      { pattern: `usageMetadata.${key}`, beside: [count, 'totalTokenCount'] },
      { pattern: `usageMetadata.${key}[]`, beside: [`../${count}`, '../totalTokenCount'] },
      { pattern: `usageMetadata.${key}[].tokenCount`, beside: [`../../${count}`, '../../totalTokenCount'] },
    ]
  }),
]

function detailsKeys() {
  return ['promptTokensDetails', 'candidatesTokensDetails', 'cacheTokensDetails', 'toolUsePromptTokensDetails'] as const
}

function none(pattern: string): DocumentedDefault {
  return { pattern, values: [0], reason: 'a count of 0 says that there is none' }
}
