import { describe, expect, it } from 'vitest'
import type { ReplyEvent } from '../../../canonical/event.ts'
import { isJsonObject, type Json, type JsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { SseScanner } from '../../../wire/sse.ts'
import { answerSettings, close, end, more, open, start } from '../../laws/foreign-words.ts'
import { translation } from './index.ts'

const toolUse = (block: number) => start(block, { kind: 'tool-use', id: `c${block}`, name: 'f', signature: undefined })
const args = (block: number, text: string) => more(block, { kind: 'arguments', text })

/** What the deltas of each block say. */
function deltasOf(...events: readonly ReplyEvent[]): readonly (readonly [Json | undefined, JsonObject])[] {
  const writer = translation.openFrames(new Losses(), answerSettings)
  const sse = writer.write({ events, wire: undefined }) + writer.end()
  return [...new SseScanner().push(Buffer.from(sse))].flatMap(({ data }) => {
    const said: Json = JSON.parse(data.toString())
    return isJsonObject(said) && isJsonObject(said['delta'])
      ? [[said['contentBlockIndex'], said['delta']] as const]
      : []
  })
}

describe('a stream of another dialect, told as Bedrock’s', () => {
  it('says of a call without arguments that it has none, since a call opens with its name only', () => {
    const events = [open, toolUse(0), toolUse(1), args(1, '{"a":1}'), args(0, ''), end(0), end(1), close('tool-use')]
    expect(deltasOf(...events)).toEqual([
      [0, { toolUse: { input: '{}' } }],
      [1, { toolUse: { input: '{"a":1}' } }],
    ])
  })
})
