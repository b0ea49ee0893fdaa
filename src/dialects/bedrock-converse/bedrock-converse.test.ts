import { noUsage } from '../../canonical/usage.ts'
import { writeSse } from '../../wire/sse.ts'
import { dialectLaws } from '../laws/dialect-laws.ts'
import { bedrockConverse } from './index.ts'

const usage = {
  inputTokens: 60,
  outputTokens: 50,
  totalTokens: 172,
  cacheReadInputTokens: 40,
  cacheWriteInputTokens: 22,
  cacheDetails: [
    { ttl: '5m', inputTokens: 12 },
    { ttl: '1h', inputTokens: 7 },
  ],
}

const event = (name: string, members: object) => writeSse(name, JSON.stringify({ ...members, p: 'abcdefgh' }))
const delta = (contentBlockIndex: number, told: object) =>
  event('contentBlockDelta', { contentBlockIndex, delta: told })

dialectLaws(bedrockConverse, {
  apis: ['converse'],
  providers: undefined,
  leftOut: [],
  body: { model: 'm', messages: [] },
  reply: {
    output: { message: { role: 'assistant', content: [{ text: 'Grüße' }] } },
    stopReason: 'end_turn',
    usage,
    metrics: { latencyMs: 7 },
  },
  usage: {
    ...noUsage,
    inputUncached: 60,
    cacheRead: 40,
    cacheWrite5m: 12,
    cacheWrite1h: 7,
    cacheWriteOther: 3,
    outputText: 50,
  },
  stream: [
    ': a comment\n\n',
    event('messageStart', { role: 'assistant' }),
    delta(0, { reasoningContent: { text: 'Hm "stopReason"' } }),
    delta(0, { reasoningContent: { signature: 'c2ln' } }),
    event('contentBlockStop', { contentBlockIndex: 0 }),
    delta(1, { text: 'Grüße \\ 😀' }),
    event('contentBlockStop', { contentBlockIndex: 1 }),
    event('contentBlockStart', { contentBlockIndex: 2, start: { toolUse: { toolUseId: 't1', name: 'f' } } }),
    delta(2, { toolUse: { input: '{"a":"b"}' } }),
    event('contentBlockStop', { contentBlockIndex: 2 }),
    event('messageStop', { stopReason: 'tool_use' }),
    event('metadata', { usage, metrics: { latencyMs: 7 } }),
  ].join(''),
})
