import { expect, it } from 'vitest'
import type { Json } from '../../canonical/json.ts'
import { noUsage } from '../../canonical/usage.ts'
import { dialectLaws } from '../laws/dialect-laws.ts'
import { openAiChat } from './index.ts'

const usage = {
  prompt_tokens: 100,
  completion_tokens: 50,
  total_tokens: 150,
  prompt_tokens_details: { cached_tokens: 40, cache_write_tokens: 20, audio_tokens: 10, image_tokens: 5 },
  completion_tokens_details: { reasoning_tokens: 15, audio_tokens: 7, image_tokens: 3 },
  server_tool_use_details: { web_search_requests: 2 },
}

const chunk = (delta: object, finishReason: string | null) =>
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', model: 'm-1', choices: [{ index: 0, delta, finish_reason: finishReason }], usage: null })}\n\n`

dialectLaws(openAiChat, {
  apis: ['chat'],
  providers: undefined,
  // They let OpenRouter choose the model (`preset`, `models`) or ask another (an advisor), which is refused: permission would mean nothing.
  leftOut: ['9edf088336940d69', 'c1b50ca649ccfa0a', '2199345c20bd7257'],
  body: { model: 'm', messages: [] },
  reply: {
    id: 'c1',
    object: 'chat.completion',
    model: 'm-1',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Grüße' }, finish_reason: 'stop' }],
    usage,
  },
  usage: {
    ...noUsage,
    inputUncached: 25,
    cacheRead: 40,
    cacheWriteOther: 20,
    inputAudio: 10,
    inputImage: 5,
    outputText: 25,
    outputReasoning: 15,
    outputAudio: 7,
    outputImage: 3,
    webSearches: 2,
  },
  stream: [
    ': PROCESSING\n\n',
    chunk({ role: 'assistant', content: '' }, null),
    chunk({ reasoning_content: 'Hm "usage":{' }, null),
    chunk({ content: 'Grü' }, null),
    ': keep-alive\n\n',
    chunk({ content: 'ße \\ "error" 😀' }, null),
    chunk({ tool_calls: [{ index: 0, id: 't1', function: { name: 'f', arguments: '{"a":' } }] }, null),
    chunk({ tool_calls: [{ index: 0, function: { arguments: '"b"}' } }] }, null),
    chunk({}, 'stop'),
    `data: ${JSON.stringify({ id: 'c1', model: 'm-1', choices: [], usage })}\n\n`,
    'data: [DONE]\n\n',
  ].join(''),
})

it.each<[string, Json]>([
  ['models', ['other']],
  ['preset', 'other'],
  ['fallbacks', ['other']],
  ['context_window_fallbacks', [{ m: ['other'] }]],
  ['content_policy_fallbacks', [{ m: ['other'] }]],
  ['lora_path', 'other'],
  ['providerOptions', { gateway: { models: ['other'] } }],
])('refuses `%s`, by which a provider would choose models that nobody permitted', (key, value) => {
  expect(() => openAiChat.readCall({ model: 'm', messages: [], [key]: value })).toThrow(
    expect.objectContaining({ kind: 'unsupported', param: key }),
  )
  expect(() => openAiChat.readCall({ model: 'm', messages: [], [key]: null })).not.toThrow()
})
