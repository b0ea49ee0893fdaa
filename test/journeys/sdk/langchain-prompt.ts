import { AIMessage, HumanMessage, SystemMessage, ToolMessage, type BaseMessage } from '@langchain/core/messages'
import { tool, type StructuredTool } from '@langchain/core/tools'
import { z } from 'zod'
import type { SdkCase } from './cases.ts'
import { isRecord, member } from './told.ts'

export interface LangChainPrompt {
  readonly messages: readonly BaseMessage[]
  readonly tools: readonly StructuredTool[]
}

/** LangChain takes no recorded bodies: a prompt is built with what the recorded one had, so that the recorded answer fits it. */
export function langChainPrompt(one: SdkCase): LangChainPrompt {
  const has = (feature: string) => one.features.includes(feature)
  const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}` } }
  return {
    messages: [
      new SystemMessage('You answer briefly.'),
      new HumanMessage({ content: [{ type: 'text', text: 'What is this?' }, ...(has('vision') ? [image] : [])] }),
      ...(has('tool-result') ? toolTurn : []),
      new HumanMessage('And this? Grüezi 🏔'),
    ],
    tools: toolsOf(one),
  }
}

/** One white pixel. */
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII='

const toolTurn = [
  new AIMessage({ content: '', tool_calls: [{ id: 't0', name: 'look_up', args: { place: 'Zürich' } }] }),
  new ToolMessage({ tool_call_id: 't0', content: 'by the lake' }),
]

function toolsOf({ body }: SdkCase): readonly StructuredTool[] {
  const recorded = body['tools']
  return (Array.isArray(recorded) ? recorded : []).flatMap((given: unknown) => {
    const described = member(given, 'function') ?? given
    const name = member(described, 'name')
    const schema = member(described, 'parameters') ?? member(described, 'input_schema')
    if (typeof name !== 'string' || !isRecord(schema)) return []
    return [tool(() => 'done', { name, description: 'Does it.', schema: z.fromJSONSchema(schema) })]
  })
}
