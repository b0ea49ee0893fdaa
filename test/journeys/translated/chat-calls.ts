import type OpenAI from 'openai'
import { answerSchema, pdf, pixel, weatherSchema, type RichCall } from './rich-call.ts'

type Question = Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, 'model'>

/** Members that the SDK's types do not know, but clients of such gateways send. */
const failed = { is_error: true }
const thoughts = {
  reasoning_details: [
    { type: 'reasoning.text', text: 'Let me see.', signature: 'c2lnbmVk', format: 'anthropic-claude-v1' },
    { type: 'reasoning.encrypted', data: 'b3BhcXVl', format: 'anthropic-claude-v1' },
  ],
}

/** Of the openai SDK to Anthropic. */
export const chatCalls: readonly RichCall<Question>[] = [
  {
    name: 'parallel tools with their results, one of them a failure',
    feature: 'tool-call',
    question: {
      max_completion_tokens: 900,
      parallel_tool_calls: true,
      tool_choice: 'auto',
      tools: [
        {
          type: 'function',
          function: { name: 'weather', description: 'Tells the weather.', parameters: weatherSchema, strict: true },
        },
        { type: 'function', function: { name: 'now' } },
      ],
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'developer', content: [{ type: 'text', text: 'Celsius only.' }] },
        { role: 'user', content: 'Zürich and Bonn?' },
        {
          role: 'assistant',
          content: 'I look.',
          tool_calls: [
            { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Zürich"}' } },
            { id: 'call_2', type: 'function', function: { name: 'weather', arguments: '{"city":"Bonn"}' } },
            { id: 'call_3', type: 'function', function: { name: 'now', arguments: '' } },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: '12 degrees' },
        { role: 'tool', tool_call_id: 'call_2', content: 'no such city', ...failed },
        { role: 'tool', tool_call_id: 'call_3', content: [{ type: 'text', text: 'noon' }] },
        { role: 'user', content: 'And then?' },
      ],
    },
    heard: {
      max_tokens: 900,
      system: [text('Be brief.'), text('Celsius only.')],
      tool_choice: { type: 'auto', disable_parallel_tool_use: false },
      tools: [
        { name: 'weather', description: 'Tells the weather.', input_schema: weatherSchema, strict: true },
        { name: 'now', input_schema: { type: 'object', properties: {} } },
      ],
      messages: [
        { role: 'user', content: [text('Zürich and Bonn?')] },
        {
          role: 'assistant',
          content: [
            text('I look.'),
            { type: 'tool_use', id: 'call_1', name: 'weather', input: { city: 'Zürich' } },
            { type: 'tool_use', id: 'call_2', name: 'weather', input: { city: 'Bonn' } },
            { type: 'tool_use', id: 'call_3', name: 'now', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'call_1', content: [text('12 degrees')] },
            { type: 'tool_result', tool_use_id: 'call_2', content: [text('no such city')], is_error: true },
            { type: 'tool_result', tool_use_id: 'call_3', content: [text('noon')] },
            text('And then?'),
          ],
        },
      ],
    },
    losses: [],
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
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}`, detail: 'low' } },
            { type: 'image_url', image_url: { url: 'https://example.com/a.jpg' } },
            { type: 'file', file: { filename: 'small.pdf', file_data: `data:application/pdf;base64,${pdf}` } },
          ],
        },
      ],
    },
    heard: {
      max_tokens: 900,
      messages: [
        {
          role: 'user',
          content: [
            text('What is this?'),
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } },
            { type: 'image', source: { type: 'url', url: 'https://example.com/a.jpg' } },
            {
              type: 'document',
              title: 'small.pdf',
              source: { type: 'base64', media_type: 'application/pdf', data: pdf },
            },
          ],
        },
      ],
    },
    losses: ['messages[0].content[1].image_url.detail'],
  },
  {
    name: 'thoughts handed back, and a wish to think on',
    feature: 'reasoning',
    question: {
      max_completion_tokens: 9000,
      reasoning_effort: 'high',
      messages: [
        { role: 'user', content: 'How far is the moon?' },
        {
          role: 'assistant',
          content: 'Far.',
          ...thoughts,
        },
        { role: 'user', content: 'How far in miles?' },
      ],
    },
    heard: {
      max_tokens: 9000,
      output_config: { effort: 'high' },
      messages: [
        { role: 'user', content: [text('How far is the moon?')] },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Let me see.', signature: 'c2lnbmVk' },
            { type: 'redacted_thinking', data: 'b3BhcXVl' },
            text('Far.'),
          ],
        },
        { role: 'user', content: [text('How far in miles?')] },
      ],
    },
    losses: [],
  },
  {
    name: 'an answer by a schema',
    feature: 'structured-output',
    question: {
      max_completion_tokens: 900,
      messages: [{ role: 'user', content: 'The weather?' }],
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'weather', description: 'As measured.', schema: answerSchema, strict: true },
      },
    },
    heard: {
      max_tokens: 900,
      output_config: {
        format: {
          type: 'json_schema',
          // Anthropic has no words for them but those that JSON Schema has.
          schema: { title: 'weather', description: 'As measured.', ...answerSchema },
        },
      },
      messages: [{ role: 'user', content: [text('The weather?')] }],
    },
    losses: [],
  },
  {
    name: 'a named tool, one at a time',
    feature: 'tools',
    question: {
      max_completion_tokens: 900,
      parallel_tool_calls: false,
      tool_choice: { type: 'function', function: { name: 'weather' } },
      tools: [{ type: 'function', function: { name: 'weather', parameters: weatherSchema } }],
      messages: [{ role: 'user', content: 'Rain?' }],
    },
    heard: {
      max_tokens: 900,
      tool_choice: { type: 'tool', name: 'weather', disable_parallel_tool_use: true },
      tools: [{ name: 'weather', input_schema: weatherSchema }],
      messages: [{ role: 'user', content: [text('Rain?')] }],
    },
    losses: [],
  },
  {
    name: 'wishes that only one of the two has words for',
    feature: 'sampling',
    question: {
      temperature: 1.5,
      top_p: 0.9,
      stop: ['END', 'STOP'],
      seed: 7,
      presence_penalty: 0.5,
      logit_bias: { '50256': -100 },
      logprobs: true,
      top_logprobs: 2,
      user: 'u-1',
      metadata: { team: 'red' },
      service_tier: 'priority',
      store: true,
      messages: [{ role: 'user', name: 'ada', content: 'hello' }],
    },
    heard: {
      // Anthropic demands a cap: `x-weir-output-cap` names it.
      max_tokens: 4096,
      temperature: 1,
      stop_sequences: ['END', 'STOP'],
      metadata: { user_id: 'u-1' },
      messages: [{ role: 'user', content: [text('hello')] }],
    },
    losses: [
      '~temperature',
      'top_p',
      'seed',
      'presence_penalty',
      'logit_bias',
      'logprobs',
      'top_logprobs',
      'metadata',
      'service_tier',
      'store',
      'messages[0].name',
    ],
  },
]

function text(words: string) {
  return { type: 'text', text: words }
}
