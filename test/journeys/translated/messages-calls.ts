import type Anthropic from '@anthropic-ai/sdk'
import { answerSchema, pdf, pixel, weatherSchema, type RichCall } from './rich-call.ts'

type Question = Omit<Anthropic.MessageCreateParamsNonStreaming, 'model'>

/** The SDK's types have forgotten them; its callers and older models have not. */
const sampling = { temperature: 0.3, top_p: 0.9, top_k: 40 }

/** Of `@anthropic-ai/sdk` to a provider of Chat Completions. */
export const messagesCalls: readonly RichCall<Question>[] = [
  {
    name: 'parallel tools with their results, one of them a failure',
    feature: 'tool-call',
    question: {
      max_tokens: 900,
      system: [
        { type: 'text', text: 'Be brief.' },
        { type: 'text', text: ' Celsius only.', cache_control: { type: 'ephemeral', ttl: '1h' } },
      ],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      tools: [
        {
          name: 'weather',
          description: 'Tells the weather.',
          input_schema: { ...weatherSchema, type: 'object' },
          strict: true,
        },
        { name: 'now', input_schema: { type: 'object' }, cache_control: { type: 'ephemeral' } },
      ],
      messages: [
        { role: 'user', content: 'Zürich and Bonn?' },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'I look.' },
            { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Zürich' } },
            { type: 'tool_use', id: 'toolu_2', name: 'weather', input: { city: 'Bonn' } },
            { type: 'tool_use', id: 'toolu_3', name: 'now', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'toolu_1', content: '12 degrees', is_error: false },
            { type: 'tool_result', tool_use_id: 'toolu_2', content: 'no such city', is_error: true },
            {
              type: 'tool_result',
              tool_use_id: 'toolu_3',
              content: [
                { type: 'text', text: 'noon' },
                { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } },
              ],
            },
            { type: 'text', text: 'And then?' },
          ],
        },
      ],
    },
    heard: {
      max_completion_tokens: 900,
      tool_choice: 'required',
      parallel_tool_calls: false,
      tools: [
        {
          type: 'function',
          function: { name: 'weather', description: 'Tells the weather.', parameters: weatherSchema, strict: true },
        },
        { type: 'function', function: { name: 'now', parameters: { type: 'object' } } },
      ],
      messages: [
        { role: 'system', content: [text('Be brief.'), text(' Celsius only.')] },
        { role: 'user', content: 'Zürich and Bonn?' },
        {
          role: 'assistant',
          content: 'I look.',
          tool_calls: [
            { id: 'toolu_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Zürich"}' } },
            { id: 'toolu_2', type: 'function', function: { name: 'weather', arguments: '{"city":"Bonn"}' } },
            { id: 'toolu_3', type: 'function', function: { name: 'now', arguments: '{}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'toolu_1', content: '12 degrees' },
        { role: 'tool', tool_call_id: 'toolu_2', content: 'no such city' },
        { role: 'tool', tool_call_id: 'toolu_3', content: 'noon' },
        // Results hold text only there: the picture follows as a turn of the user.
        { role: 'user', content: [image(`data:image/png;base64,${pixel}`), text('And then?')] },
      ],
    },
    losses: [
      'system[1].cache_control',
      'tools[1].cache_control',
      'messages[2].content[1].is_error',
      '~messages[2].content[2].content[1].source',
    ],
  },
  {
    name: 'images and documents',
    feature: 'vision',
    question: {
      max_tokens: 900,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?', cache_control: { type: 'ephemeral' } },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } },
            { type: 'image', source: { type: 'url', url: 'https://example.com/a.jpg' } },
            {
              type: 'document',
              title: 'small.pdf',
              context: 'Of last year.',
              source: { type: 'base64', media_type: 'application/pdf', data: pdf },
            },
            {
              type: 'document',
              citations: { enabled: true },
              source: { type: 'text', media_type: 'text/plain', data: 'A plain one.' },
            },
          ],
        },
      ],
    },
    heard: {
      max_completion_tokens: 900,
      messages: [
        {
          role: 'user',
          content: [
            text('What is this?'),
            image(`data:image/png;base64,${pixel}`),
            image('https://example.com/a.jpg'),
            { type: 'file', file: { filename: 'small.pdf', file_data: `data:application/pdf;base64,${pdf}` } },
            text('A plain one.'),
          ],
        },
      ],
    },
    losses: [
      'messages[0].content[0].cache_control',
      'messages[0].content[3].context',
      '~messages[0].content[4].source',
      'messages[0].content[4].citations.enabled',
    ],
  },
  {
    name: 'thoughts handed back, and a wish to think on',
    feature: 'reasoning',
    question: {
      max_tokens: 9000,
      thinking: { type: 'enabled', budget_tokens: 4000 },
      messages: [
        { role: 'user', content: 'How far is the moon?' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Let me see.', signature: 'c2lnbmVk' },
            { type: 'redacted_thinking', data: 'b3BhcXVl' },
            { type: 'text', text: 'Far.' },
          ],
        },
        { role: 'user', content: 'How far in miles?' },
      ],
    },
    heard: {
      max_completion_tokens: 9000,
      reasoning_effort: 'medium',
      messages: [
        { role: 'user', content: 'How far is the moon?' },
        { role: 'assistant', content: 'Far.' },
        { role: 'user', content: 'How far in miles?' },
      ],
    },
    // Without being told so, Weir does not know that the provider takes thoughts back.
    losses: ['messages[1].content[0]', 'messages[1].content[1]', '~thinking.type', '~thinking.budget_tokens'],
  },
  {
    name: 'an answer by a schema',
    feature: 'structured-output',
    question: {
      max_tokens: 900,
      messages: [{ role: 'user', content: 'The weather?' }],
      output_config: { effort: 'low', format: { type: 'json_schema', schema: answerSchema } },
    },
    heard: {
      max_completion_tokens: 900,
      reasoning_effort: 'low',
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: answerSchema, strict: true } },
      messages: [{ role: 'user', content: 'The weather?' }],
    },
    losses: [],
  },
  {
    name: 'a named tool',
    feature: 'tools',
    question: {
      max_tokens: 900,
      tool_choice: { type: 'tool', name: 'weather' },
      tools: [{ name: 'weather', input_schema: { ...weatherSchema, type: 'object' } }],
      messages: [{ role: 'user', content: 'Rain?' }],
    },
    heard: {
      max_completion_tokens: 900,
      tool_choice: { type: 'function', function: { name: 'weather' } },
      tools: [{ type: 'function', function: { name: 'weather', parameters: weatherSchema } }],
      messages: [{ role: 'user', content: 'Rain?' }],
    },
    losses: [],
  },
  {
    name: 'wishes that only one of the two has words for',
    feature: 'sampling',
    question: {
      max_tokens: 900,
      ...sampling,
      stop_sequences: ['END', 'STOP'],
      metadata: { user_id: 'u-1' },
      service_tier: 'standard_only',
      inference_geo: 'us',
      tools: [{ type: 'web_search_20250305', name: 'web_search' }],
      messages: [{ role: 'user', content: 'hello' }],
    },
    heard: {
      max_completion_tokens: 900,
      temperature: 0.3,
      top_p: 0.9,
      stop: ['END', 'STOP'],
      user: 'u-1',
      messages: [{ role: 'user', content: 'hello' }],
    },
    losses: ['top_k', 'service_tier', 'inference_geo', 'tools[0]'],
  },
]

function text(words: string) {
  return { type: 'text', text: words }
}

function image(url: string) {
  return { type: 'image_url', image_url: { url } }
}
