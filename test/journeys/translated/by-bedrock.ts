import {
  ConverseCommand,
  ConverseStreamCommand,
  type BedrockRuntimeClient,
  type ContentBlock,
  type ConverseCommandInput,
  type ConverseStreamOutput,
  type StopReason,
  type TokenUsage,
} from '@aws-sdk/client-bedrock-runtime'
import type { Reading } from './reading.ts'

/** Asks through Amazon's own client. @returns `undefined` when it reads no answer out of it. */
export async function byBedrock(
  client: BedrockRuntimeClient,
  question: ConverseCommandInput,
  isStream: boolean,
): Promise<Reading | undefined> {
  if (!isStream) {
    const { output, stopReason, usage } = await client.send(new ConverseCommand(question))
    return output?.message && readingOf(output.message.content ?? [], stopReason, usage)
  }
  const { stream } = await client.send(new ConverseStreamCommand(question))
  const heard = new Heard()
  for await (const event of stream ?? []) heard.take(event)
  return readingOf(heard.content, heard.stopReason, heard.usage)
}

/** Puts events together: the client hands them over and adds nothing up. */
class Heard {
  readonly content: ContentBlock[] = []
  stopReason: StopReason | undefined
  usage: TokenUsage | undefined
  #input = ''

  take({ contentBlockStart, contentBlockDelta, contentBlockStop, messageStop, metadata }: ConverseStreamOutput): void {
    const { toolUse } = contentBlockStart?.start ?? {}
    if (toolUse)
      this.content.push({ toolUse: { ...toolUse, toolUseId: toolUse.toolUseId, name: toolUse.name, input: {} } })
    const { text, reasoningContent, toolUse: more } = contentBlockDelta?.delta ?? {}
    if (text !== undefined) this.content.push({ text })
    if (reasoningContent?.text !== undefined)
      this.content.push({ reasoningContent: { reasoningText: { text: reasoningContent.text } } })
    this.#input += more?.input ?? ''
    if (contentBlockStop) this.#endCall()
    this.stopReason ??= messageStop?.stopReason
    this.usage ??= metadata?.usage
  }

  #endCall(): void {
    const last = this.content.at(-1)
    if (last?.toolUse && this.#input !== '') last.toolUse.input = JSON.parse(this.#input)
    this.#input = ''
  }
}

function readingOf(
  content: readonly ContentBlock[],
  stopReason: StopReason | undefined,
  usage: TokenUsage | undefined,
): Reading | undefined {
  if (!usage) return undefined
  const { inputTokens = 0, outputTokens = 0, cacheReadInputTokens = 0, cacheWriteInputTokens = 0 } = usage
  return {
    text: content.map(textIn).join(''),
    thoughts: content.map(({ reasoningContent }) => reasoningContent?.reasoningText?.text ?? '').join(''),
    // Tools that Amazon runs are of no use to a client of another dialect.
    toolCalls: content
      .flatMap(({ toolUse }) => (toolUse && toolUse.type !== 'server_tool_use' ? [toolUse] : []))
      .map(({ name = '', input }) => ({ name, arguments: input })),
    ending: endings[stopReason ?? 'end_turn'] ?? 'end',
    inputTokens: inputTokens + cacheReadInputTokens + cacheWriteInputTokens,
    outputTokens,
  }
}

function textIn({ text, citationsContent }: ContentBlock): string {
  return text ?? citationsContent?.content?.map((one) => one.text ?? '').join('') ?? ''
}

const endings: Readonly<Record<string, string>> = {
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tools',
  content_filtered: 'filter',
  guardrail_intervened: 'filter',
}
