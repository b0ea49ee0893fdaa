import type { Json, JsonObject } from '../../../canonical/json.ts'
import { writeSse } from '../../../wire/sse-write.ts'
import type { GoldenCase } from '../material.ts'

/** Our own cases in Bedrock's Converse, named by the behaviour they show. Shapes: service model, 2023-09-30. */
export const converseGolden: readonly GoldenCase[] = [
  {
    name: 'plain-text',
    call: call([user(text('Grüße, 世界 😀'))]),
    answer: answer([text('Hello.')]),
    stream: stream([
      [0, text('Hel')],
      [0, text('lo.')],
    ]),
  },
  { name: 'the-model-twice', call: { ...call([user(text('Hi'))]), modelId: 'anthropic.claude-sonnet-4-5' } },
  {
    name: 'system-prompt-with-a-cache-point',
    call: call([user(text('Why?'))], {
      system: [text('Be brief.'), text('Be kind.'), cachePoint()],
    }),
  },
  {
    name: 'cache-points-in-turns-and-tools',
    call: call(
      [
        user(text('A long text.'), cachePoint('1h'), text('A question.')),
        assistant(text('An answer.'), cachePoint()),
        user(cachePoint(), text('Another.'), cachePoint('5m'), cachePoint()),
      ],
      { toolConfig: { tools: [tool('f'), cachePoint(), tool('g')] } },
    ),
  },
  {
    name: 'a-system-turn-among-the-messages',
    call: call([user(text('Hi')), { role: 'system', content: [text('Be brief.')] }, user(text('Why?'))]),
  },
  {
    name: 'turns-of-one-role',
    call: call([user(text('And')), user(text('again.')), assistant(text('Once'))]),
  },
  {
    name: 'pictures-sounds-films-and-documents',
    call: call([
      user(
        { image: { format: 'png', source: { bytes: 'iVBORw0KGgo=' } } },
        {
          image: {
            format: 'jpeg',
            source: { s3Location: { uri: 's3://bucket/cat.jpg', bucketOwner: '123456789012' } },
          },
        },
        { audio: { format: 'mp3', source: { bytes: 'SUQz' } } },
        { video: { format: 'mp4', source: { s3Location: { uri: 's3://bucket/film.mp4' } } } },
        { document: { format: 'pdf', name: 'Report', source: { bytes: 'JVBERi0xLjQK' } } },
        text('Compare.'),
      ),
    ]),
  },
  {
    name: 'documents-in-text-with-citations',
    call: call([
      user(
        { document: { format: 'txt', name: 'Notes', source: { text: 'It rained.' }, citations: { enabled: true } } },
        { document: { name: 'Pieces', source: { content: [text('One.'), text('Two.')] }, context: 'Of 2026.' } },
        text('What was it like?'),
      ),
    ]),
    answer: answer([
      {
        citationsContent: {
          content: [text('It rained.')],
          citations: [{ title: 'Notes', location: { documentChar: { documentIndex: 0, start: 0, end: 10 } } }],
        },
      },
      text(' That is all.'),
    ]),
    stream: stream([
      [0, text('It rained.')],
      [0, { citation: { title: 'Notes', location: { documentChar: { documentIndex: 0, start: 0, end: 10 } } } }],
      [1, text(' That is all.')],
    ]),
  },
  {
    name: 'parallel-calls-and-results',
    call: call(
      [
        user(text('Weather in Bonn and Ulm?')),
        assistant(
          text('I look.'),
          toolUse('t1', 'weather', { city: 'Bonn' }),
          toolUse('t2', 'weather', { city: 'Ulm' }),
        ),
        user(
          toolResult('t1', [text('12 degrees')], { status: 'success' }),
          toolResult('t2', [{ json: { degrees: 13 } }]),
          text('Well?'),
        ),
      ],
      { toolConfig: { tools: [tool('weather')], toolChoice: { auto: {} } } },
    ),
    answer: answer(
      [text('I look.'), toolUse('t1', 'weather', { city: 'Bonn' }), toolUse('t2', 'time', {})],
      'tool_use',
    ),
    stream: stream(
      [
        [0, text('I look.')],
        [1, { toolUse: { toolUseId: 't1', name: 'weather' } }, 'start'],
        [1, { toolUse: { input: '{"city":' } }],
        [1, { toolUse: { input: '"Bonn"}' } }],
        [2, { toolUse: { toolUseId: 't2', name: 'time' } }, 'start'],
        [2, { toolUse: { input: '' } }],
      ],
      'tool_use',
    ),
  },
  {
    name: 'results-of-failures-and-with-pictures',
    call: call(
      [
        user(text('Look.')),
        assistant(toolUse('t1', 'see', {}), toolUse('t2', 'read', {}), toolUse('t3', 'list', {})),
        user(
          toolResult('t1', [text('a cat'), { image: { format: 'png', source: { bytes: 'iVBORw0KGgo=' } } }]),
          toolResult('t2', [text('it broke')], { status: 'error' }),
          toolResult('t3', [{ json: { files: ['a', 'b'] } }, { video: { format: 'mp4', source: { bytes: 'AAAA' } } }]),
        ),
      ],
      { toolConfig: { tools: [tool('see'), tool('read'), tool('list')] } },
    ),
  },
  {
    name: 'a-strict-tool-that-is-forced',
    call: call([user(text('Do.'))], {
      toolConfig: {
        tools: [
          {
            toolSpec: {
              name: 'set',
              description: 'Sets it.',
              inputSchema: {
                json: {
                  type: 'object',
                  properties: { level: { type: 'integer' } },
                  required: ['level'],
                  additionalProperties: false,
                },
              },
              strict: true,
            },
          },
        ],
        toolChoice: { tool: { name: 'set' } },
      },
    }),
  },
  {
    name: 'any-tool',
    call: call([user(text('Do.'))], { toolConfig: { tools: [tool('f'), tool('g')], toolChoice: { any: {} } } }),
  },
  {
    name: 'tools-of-amazon',
    call: call(
      [
        user(text('Compute.')),
        assistant(
          {
            toolUse: {
              toolUseId: 't1',
              name: 'nova_code_interpreter',
              input: { snippet: '1+1' },
              type: 'server_tool_use',
            },
          },
          toolResult('t1', [{ json: { stdOut: '2' } }], { type: 'nova_code_interpreter_result', status: 'success' }),
          text('Two.'),
        ),
        user(text('And?')),
      ],
      { toolConfig: { tools: [{ systemTool: { name: 'nova_code_interpreter' } }, tool('f')] } },
    ),
    answer: answer([
      {
        toolUse: { toolUseId: 't1', name: 'nova_code_interpreter', input: { snippet: '1+1' }, type: 'server_tool_use' },
      },
      toolResult('t1', [{ json: { stdOut: '2' } }], { type: 'nova_code_interpreter_result', status: 'success' }),
      text('Two.'),
    ]),
    stream: stream([
      [0, { toolUse: { toolUseId: 't1', name: 'nova_code_interpreter', type: 'server_tool_use' } }, 'start'],
      [0, { toolUse: { input: '{"snippet":"1+1"}' } }],
      [1, { toolResult: { toolUseId: 't1', type: 'nova_code_interpreter_result', status: 'success' } }, 'start'],
      [1, { toolResult: [{ json: { stdOut: '2' } }] }],
      [2, text('Two.')],
    ]),
  },
  {
    name: 'thoughts',
    call: call(
      [
        user(text('Think.')),
        assistant(
          { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'c2ln' } } },
          { reasoningContent: { redactedContent: 'RXRrRQ==' } },
          text('Yes.'),
        ),
        user(text('Sure?')),
      ],
      { additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 2048 } } },
    ),
    answer: answer([
      { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'c2ln' } } },
      { reasoningContent: { redactedContent: 'RXRrRQ==' } },
      text('Yes.'),
    ]),
    stream: stream([
      [0, { reasoningContent: { text: 'H' } }],
      [0, { reasoningContent: { text: 'm.' } }],
      [0, { reasoningContent: { signature: 'c2ln' } }],
      [1, { reasoningContent: { redactedContent: 'RXRrRQ==' } }],
      [2, text('Yes.')],
    ]),
  },
  {
    name: 'thoughts-that-nobody-signed',
    call: {
      ...call([user(text('Hi'))]),
      model: 'openai.gpt-oss-120b-1:0',
      additionalModelRequestFields: { reasoning_effort: 'low' },
    },
    answer: answer([{ reasoningContent: { reasoningText: { text: 'Greet.' } } }, text('Hello.')]),
    stream: stream([
      [0, { reasoningContent: { text: 'Greet.' } }],
      [1, text('Hello.')],
    ]),
  },
  {
    name: 'adaptive-thinking-with-an-effort',
    call: call([user(text('Think as you like.'))], {
      additionalModelRequestFields: { thinking: { type: 'adaptive', display: 'summarized' } },
      outputConfig: { effort: 'high' },
    }),
  },
  {
    name: 'thinking-under-its-older-name',
    call: call([user(text('Think.'))], {
      additionalModelRequestFields: { reasoning_config: { type: 'enabled', budget_tokens: 1024 } },
    }),
  },
  {
    name: 'thinking-of-nova',
    call: {
      ...call([user(text('Think.'))]),
      model: 'us.amazon.nova-2-lite-v1:0',
      additionalModelRequestFields: {
        reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' },
        inferenceConfig: { topK: 20 },
      },
    },
  },
  {
    name: 'every-wish',
    call: call([user(text('Say.'))], {
      inferenceConfig: { maxTokens: 256, temperature: 0.5, topP: 0.9, stopSequences: ['END'] },
      additionalModelRequestFields: { top_k: 40 },
      requestMetadata: { team: 'a' },
      serviceTier: { type: 'flex' },
    }),
    answer: { ...answer([text('One.')], 'stop_sequence'), serviceTier: { type: 'flex' } },
  },
  {
    name: 'json-by-schema',
    call: call([user(text('Fill in.'))], {
      outputConfig: {
        textFormat: {
          type: 'json_schema',
          structure: {
            jsonSchema: {
              name: 'form',
              description: 'A form.',
              schema:
                '{ "type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": false }',
            },
          },
        },
      },
    }),
  },
  {
    name: 'search-results',
    call: call(
      [
        user(
          { searchResult: { source: 'https://example.com', title: 'A page', content: [text('A finding.')] } },
          cachePoint(),
          text('Is it?'),
        ),
        assistant(toolUse('t1', 'search', {})),
        user(
          toolResult('t1', [
            {
              searchResult: {
                source: 'notes',
                title: 'Notes',
                content: [text('It is.'), text('It was.')],
                citations: { enabled: true },
              },
            },
          ]),
        ),
      ],
      { toolConfig: { tools: [tool('search')] } },
    ),
  },
  {
    name: 'what-only-bedrock-knows',
    call: call(
      [
        user(
          { guardContent: { text: { text: 'Tokyo is the capital.', qualifiers: ['grounding_source'] } } },
          text('Is it?'),
        ),
      ],
      {
        guardrailConfig: { guardrailIdentifier: 'g1', guardrailVersion: 'DRAFT', trace: 'enabled' },
        additionalModelRequestFields: { anthropic_beta: ['context-1m-2025-08-07'] },
        additionalModelResponseFieldPaths: ['/stop_sequence'],
        promptVariables: { name: { text: 'Ada' } },
        performanceConfig: { latency: 'optimized' },
      },
    ),
    answer: {
      ...answer([text('It is.')], 'guardrail_intervened'),
      additionalModelResponseFields: { stop_sequence: null },
      trace: {
        guardrail: { actionReason: 'No action.' },
        promptRouter: { invokedModelId: 'arn:aws:bedrock:us-east-1::foundation-model/m' },
      },
      performanceConfig: { latency: 'optimized' },
    },
  },
  {
    name: 'usage-with-caches-and-lifetimes',
    answer: {
      ...answer([text('Hello.')]),
      usage: {
        inputTokens: 3,
        outputTokens: 5,
        totalTokens: 68,
        cacheReadInputTokens: 40,
        cacheWriteInputTokens: 20,
        cacheDetails: [
          { ttl: '5m', inputTokens: 12 },
          { ttl: '1h', inputTokens: 8 },
        ],
      },
    },
  },
  { name: 'cut-by-the-cap', answer: answer([text('One, two')], 'max_tokens') },
  { name: 'filtered', answer: answer([text('Sorry.')], 'content_filtered') },
  { name: 'a-malformed-call', answer: answer([text('Hm.')], 'malformed_tool_use') },
  {
    name: 'a-picture-in-the-answer',
    answer: answer([text('Here.'), { image: { format: 'png', source: { bytes: 'iVBORw0KGgo=' } } }]),
    stream: stream([
      [0, text('Here.')],
      [1, { image: { format: 'png' } }, 'start'],
      [1, { image: { source: { bytes: 'iVBORw0KGgo=' } } }],
    ]),
  },
]

function call(messages: readonly JsonObject[], more: JsonObject = {}): JsonObject {
  return { model: 'anthropic.claude-sonnet-4-5', messages, ...more }
}

function user(...content: readonly JsonObject[]): JsonObject {
  return { role: 'user', content }
}

function assistant(...content: readonly JsonObject[]): JsonObject {
  return { role: 'assistant', content }
}

function text(words: string): JsonObject {
  return { text: words }
}

function cachePoint(ttl?: string): JsonObject {
  return { cachePoint: { type: 'default', ...(ttl !== undefined && { ttl }) } }
}

function tool(name: string): JsonObject {
  const json = { type: 'object', properties: { city: { type: 'string', description: 'A city.' } } }
  return { toolSpec: { name, description: `Does ${name}.`, inputSchema: { json } } }
}

function toolUse(toolUseId: string, name: string, input: JsonObject): JsonObject {
  return { toolUse: { toolUseId, name, input } }
}

function toolResult(toolUseId: string, content: readonly JsonObject[], more: JsonObject = {}): JsonObject {
  return { toolResult: { toolUseId, content, ...more } }
}

function usage(): JsonObject {
  return { inputTokens: 10, outputTokens: 25, totalTokens: 35 }
}

function answer(content: readonly JsonObject[], stopReason = 'end_turn'): JsonObject {
  return { output: { message: { role: 'assistant', content } }, stopReason, usage: usage(), metrics: { latencyMs: 7 } }
}

/** Deltas, and events that open a block, each with the place of its block. */
function stream(
  events: readonly (readonly [place: number, members: JsonObject, kind?: 'start'])[],
  stopReason = 'end_turn',
): string {
  const said = events.flatMap(([contentBlockIndex, members, kind], index) => {
    const isLast = events[index + 1]?.[0] !== contentBlockIndex
    return [
      kind === 'start'
        ? event('contentBlockStart', { contentBlockIndex, start: members })
        : event('contentBlockDelta', { contentBlockIndex, delta: members }),
      ...(isLast ? [event('contentBlockStop', { contentBlockIndex })] : []),
    ]
  })
  return [
    event('messageStart', { role: 'assistant' }),
    ...said,
    event('messageStop', { stopReason }),
    event('metadata', { usage: usage(), metrics: { latencyMs: 7 } }),
  ].join('')
}

/** With the padding that hides from a listener how long a piece is. */
function event(name: string, members: JsonObject): string {
  const said: Json = { ...members, p: 'abcdef' }
  return writeSse(name, JSON.stringify(said))
}
