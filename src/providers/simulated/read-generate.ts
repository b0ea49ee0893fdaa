import { z } from 'zod'
import type { Json } from '../../canonical/json.ts'
import { imageTokens, messageTokens, type PromptPart, type Question } from './question.ts'
import { json, promptPart, readBody, readModel } from './read-body.ts'
import { countTokens } from './tokens.ts'

/** Google takes every name in either spelling (`generationConfig`, `generation_config`). */
function spelled<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess((value) => (isRecord(value) ? inCamelCase(value) : value), z.looseObject(shape))
}

const part = spelled({ text: z.string().optional(), functionResponse: json.optional(), inlineData: json.optional() })

const content = spelled({ role: z.string().nullish(), parts: z.array(part).nullish() })

const generateBody = spelled({
  contents: z.union([z.array(content).min(1), content.transform((one) => [one])]),
  systemInstruction: content.nullish(),
  tools: z
    .array(
      spelled({
        functionDeclarations: z
          .array(spelled({ name: z.string(), parameters: json.optional(), parametersJsonSchema: json.optional() }))
          .nullish(),
      }),
    )
    .nullish(),
  toolConfig: spelled({
    functionCallingConfig: spelled({
      mode: z.string().nullish(),
      allowedFunctionNames: z.array(z.string()).nullish(),
    }).nullish(),
  }).nullish(),
  generationConfig: spelled({
    candidateCount: z.int().min(1).max(8).nullish(),
    maxOutputTokens: z.int().min(1).max(10_000_000).nullish(),
    stopSequences: z.array(z.string()).max(5).nullish(),
    responseMimeType: z.string().nullish(),
    responseSchema: json.optional(),
    responseJsonSchema: json.optional(),
  }).nullish(),
})

type Content = z.infer<typeof content>
type Config = z.infer<typeof generateBody>['generationConfig']

/**
 * Reads a body of Gemini's `generateContent`. The model, and whether for a stream, stand in the path.
 * @throws Refusal 400.
 */
export function readGenerate(body: Json, modelName: string, isStream: boolean): Question {
  const asked = readBody(body, generateBody)
  const { generationConfig: config, toolConfig } = asked
  const declared = (asked.tools ?? []).flatMap(({ functionDeclarations }) => functionDeclarations ?? [])
  const allowed = toolConfig?.functionCallingConfig?.allowedFunctionNames ?? []
  const tools = declared
    .filter(({ name }) => allowed.length === 0 || allowed.includes(name))
    .map(({ name, parameters, parametersJsonSchema }) => ({ name, schema: parametersJsonSchema ?? parameters }))
  const last = asked.contents.at(-1)
  return {
    ...readModel(modelName),
    isStream,
    wantsUsage: true,
    prompt: [
      ...(asked.tools ?? []).map((tool) => promptPart(JSON.stringify(tool), undefined)),
      ...(asked.systemInstruction ? partsOf(asked.systemInstruction) : []),
      ...asked.contents.flatMap(partsOf),
    ],
    lastText: textOf(asked.contents.findLast(({ role }) => role !== 'model')),
    tools,
    toolChoice: toolChoiceOf(toolConfig?.functionCallingConfig?.mode),
    mayCallSeveral: true,
    endsWithToolResult: (last?.parts ?? []).some(({ functionResponse }) => functionResponse !== undefined),
    maxTokens: config?.maxOutputTokens ?? undefined,
    choiceCount: config?.candidateCount ?? 1,
    stopSequences: config?.stopSequences ?? [],
    jsonSchema: schemaOf(config),
  }
}

function partsOf({ parts }: Content): readonly PromptPart[] {
  return (parts ?? []).map((one, place) => {
    const text = one.text ?? JSON.stringify(one)
    const tokens = one.inlineData === undefined ? countTokens(text) : imageTokens
    return promptPart(text, undefined, tokens + (place === 0 ? messageTokens : 0))
  })
}

function textOf(one: Content | undefined): string {
  return (one?.parts ?? []).map(({ text }) => text ?? '').join('\n')
}

function toolChoiceOf(mode: string | null | undefined): Question['toolChoice'] {
  if (mode === 'NONE') return 'none'
  return mode === 'ANY' ? 'required' : 'auto'
}

function schemaOf(config: Config): Json | undefined {
  const schema = config?.responseJsonSchema ?? config?.responseSchema
  return schema ?? (config?.responseMimeType === 'application/json' ? true : undefined)
}

function inCamelCase(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const spell = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [spell(name), inner]))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
