import type { AnthropicProvider } from '@ai-sdk/anthropic'
import { jsonSchema, Output, tool, type generateText, type ModelMessage, type ToolSet } from 'ai'
import type { SdkCase } from './cases.ts'
import { isRecord, member } from './told.ts'

export interface AiPrompt {
  readonly system: string
  readonly maxOutputTokens: number
  readonly messages: ModelMessage[]
  readonly tools?: ToolSet
  readonly output?: ReturnType<typeof Output.object<unknown>>
  readonly providerOptions?: ProviderOptions
}

type ProviderOptions = NonNullable<Parameters<typeof generateText>[0]['providerOptions']>

/**
 * The AI SDK takes no recorded bodies: a prompt is built with what the recorded one had (tools, an image, a document, a
 * tool's result, thinking, a cache mark, a schema for the answer), so that the recorded answer fits it.
 */
export function aiPrompt(one: SdkCase, anthropic: AnthropicProvider): AiPrompt {
  const has = (feature: string) => one.features.includes(feature)
  const isAnthropic = one.api === 'messages'
  const tools = toolsOf(one, anthropic)
  const schema = has('structured-output') ? schemaOf(one) : undefined
  const reasoning: ProviderOptions = isAnthropic
    ? { anthropic: { thinking: { type: 'enabled', budgetTokens: 1024 } } }
    : one.api === 'generate'
      ? { google: { thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 } } }
      : { openai: { reasoningEffort: 'low' } }
  return {
    system: 'You answer briefly.',
    maxOutputTokens: 2000,
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'What is this?' }, ...(has('vision') ? [image] : [])] },
      ...(has('tool-result') ? toolTurn : []),
      {
        role: 'user',
        content: [{ type: 'text', text: 'And this? Grüezi 🏔' }, ...(has('document') ? [document] : [])],
        ...(isAnthropic && has('cache-request')
          ? { providerOptions: { anthropic: { cacheControl: { type: 'ephemeral' } } } }
          : {}),
      },
    ],
    ...(Object.keys(tools).length > 0 ? { tools } : {}),
    ...(schema ? { output: Output.object({ schema: jsonSchema(schema) }) } : {}),
    ...(has('reasoning') ? { providerOptions: reasoning } : {}),
  }
}

/** One white pixel. */
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII='
const image = { type: 'file', data: pixel, mediaType: 'image/png' } as const
const document = {
  type: 'file',
  data: Buffer.from('%PDF-1.4 a small one').toString('base64'),
  mediaType: 'application/pdf',
  filename: 'small.pdf',
} as const

const toolTurn: readonly ModelMessage[] = [
  {
    role: 'assistant',
    content: [{ type: 'tool-call', toolCallId: 't0', toolName: 'look_up', input: { place: 'Zürich' } }],
  },
  {
    role: 'tool',
    content: [
      { type: 'tool-result', toolCallId: 't0', toolName: 'look_up', output: { type: 'text', value: 'by the lake' } },
    ],
  },
]

function toolsOf(one: SdkCase, anthropic: AnthropicProvider): ToolSet {
  const recorded = one.body['tools']
  const tools: Record<string, ToolSet[string]> = {}
  for (const given of Array.isArray(recorded) ? recorded.flatMap(declaredIn) : []) {
    const described = member(given, 'function') ?? given
    const name = member(described, 'name')
    const schema = member(described, 'parameters') ?? member(described, 'input_schema')
    if (typeof name !== 'string') continue
    const ofProvider = providerTool(anthropic, member(given, 'type'))
    if (ofProvider) tools[name] = ofProvider
    else if (isRecord(schema)) tools[name] = tool({ inputSchema: jsonSchema(schema) })
  }
  return tools
}

/** Google declares several functions in one tool. */
function declaredIn(given: unknown): readonly unknown[] {
  const declared = member(given, 'functionDeclarations') ?? member(given, 'function_declarations')
  return Array.isArray(declared) ? declared.map(lowerCaseSchema) : [given]
}

/** Gemini's own schemas write types in capitals; the SDK takes JSON Schema. */
function lowerCaseSchema(declared: unknown): unknown {
  return JSON.parse(JSON.stringify(declared), (key, value: unknown) =>
    key === 'type' && typeof value === 'string' ? value.toLowerCase() : value,
  )
}

/** Anthropic's own tools by their type, such as `web_search_20250305`: those that need no settings. */
function providerTool(anthropic: AnthropicProvider, type: unknown): ToolSet[string] | undefined {
  switch (type) {
    case 'web_search_20250305':
      return anthropic.tools.webSearch_20250305({})
    case 'web_fetch_20250910':
      return anthropic.tools.webFetch_20250910({})
    case 'code_execution_20250522':
      return anthropic.tools.codeExecution_20250522({})
    case 'code_execution_20250825':
      return anthropic.tools.codeExecution_20250825({})
    default:
      return undefined
  }
}

function schemaOf({ body }: SdkCase): Readonly<Record<string, unknown>> | undefined {
  const schema =
    member(body, 'response_format', 'json_schema', 'schema') ??
    member(body, 'output_config', 'format', 'schema') ??
    member(body, 'output_format', 'schema')
  return isRecord(schema) ? schema : undefined
}
