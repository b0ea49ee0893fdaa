import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { edit } from '../../../canonical/origin.ts'
import { markSignature } from '../../shared/translation/signed-elsewhere.ts'
import { translation } from './index.ts'

const point = (ttl?: string): JsonObject => ({ cachePoint: { type: 'default', ...(ttl !== undefined && { ttl }) } })
const read = (content: readonly JsonObject[], more: JsonObject = {}) =>
  translation.readChat({ model: 'anthropic.claude-sonnet-4-5', messages: [{ role: 'assistant', content }], ...more })
const blocksOf = (content: readonly JsonObject[], more: JsonObject = {}) => read(content, more).messages[0]?.blocks

describe('a cache point', () => {
  it('marks what stands before it, once, and stands alone behind what nothing can mark', () => {
    const blocks = blocksOf([point(), { text: 'a' }, point('1h'), point(), { reasoningContent: {} }, point()])
    expect(blocks).toMatchObject([
      { kind: 'opaque', type: 'cachePoint' },
      { kind: 'text', cache: { ttl: '1h' } },
      { kind: 'opaque', type: 'cachePoint' },
      { kind: 'opaque', type: 'reasoningContent' },
      { kind: 'opaque', type: 'cachePoint' },
    ])
  })

  it('of an unknown kind or lifetime is kept as it is', () => {
    for (const cachePoint of [{ type: 'default', ttl: '2h' }, { type: 'other' }, 7])
      expect(blocksOf([{ text: 'a' }, { cachePoint }])).toMatchObject([
        { kind: 'text', cache: undefined },
        { kind: 'opaque', type: 'cachePoint' },
      ])
  })

  it('is named by its own place where it is lost', () => {
    const losses = new Losses()
    const [text] = blocksOf([{ text: 'a' }, point()]) ?? []
    if (text?.kind === 'text') losses.account(text, ['kind', 'text'])
    expect(losses.list().map(({ path }) => path)).toEqual(['messages[0].content[1].cachePoint'])
  })

  it('stays where it was when what it marks is edited, with what nobody knows of either', () => {
    const content = [{ text: 'secret', x: 1 }, { ...point(), y: 2 }, { text: 'b' }]
    const call = read(content)
    const [message] = call.messages
    const [block] = message?.blocks ?? []
    if (!message || block?.kind !== 'text') throw new Error('no text was read')
    const masked = edit(message, { blocks: message.blocks.with(0, edit(block, { text: '[masked]' })) })
    const written = translation.writeChat(edit(call, { messages: [masked] }), new Losses(), {
      defaultOutputCapTokens: 9,
    })
    expect(written['messages']).toEqual([
      { role: 'assistant', content: [{ text: '[masked]', x: 1 }, { ...point(), y: 2 }, { text: 'b' }] },
    ])
  })
})

describe('thoughts', () => {
  it('are Anthropic’s where nothing says otherwise, and of nobody else where another maker’s model had them', () => {
    const content = [{ reasoningContent: { reasoningText: { text: 'Hm', signature: 'c2ln' } } }]
    const format = (model: string) => blocksOf(content, { model })?.[0]
    expect(format('smart')).toMatchObject({ signature: 'c2ln', signatureFormat: 'anthropic-claude-v1' })
    expect(format('us.anthropic.claude-sonnet-4-6')).toMatchObject({ signatureFormat: 'anthropic-claude-v1' })
    expect(format('us.amazon.nova-2-lite-v1:0')).toMatchObject({ signatureFormat: 'bedrock-converse-v1' })
  })

  it('find back to the dialect that signed them', () => {
    const signature = markSignature({ format: 'google-gemini-v1', signature: 'c2ln' })
    const redactedContent = Buffer.from(signature).toString('base64')
    expect(
      blocksOf([
        { reasoningContent: { reasoningText: { text: 'Hm', signature } } },
        { reasoningContent: { redactedContent } },
        {
          reasoningContent: {
            reasoningText: { text: 'Hm', signature: markSignature({ format: 'unsigned', signature: '' }) },
          },
        },
      ]),
    ).toMatchObject([
      { signature: 'c2ln', signatureFormat: 'google-gemini-v1' },
      { redactedData: 'c2ln', signatureFormat: 'google-gemini-v1' },
      { signature: undefined },
    ])
  })

  it('that are encrypted are the text that Anthropic’s own API has for them, and bytes that are no text are kept', () => {
    expect(
      blocksOf([
        { reasoningContent: { redactedContent: Buffer.from('EtkECkgI').toString('base64') } },
        { reasoningContent: { redactedContent: '/////w==' } },
      ]),
    ).toMatchObject([{ kind: 'thought', redactedData: 'EtkECkgI' }, { kind: 'opaque' }])
  })
})

describe('what only Bedrock knows', () => {
  it('is kept whole', () => {
    const server = { toolUseId: 't', name: 'nova_grounding', input: {}, type: 'server_tool_use' }
    expect(
      blocksOf([
        { guardContent: { text: { text: 'a' } } },
        { video: { format: 'mp4', source: { bytes: 'AAAA' } } },
        { toolUse: server },
        { toolResult: { toolUseId: 't', content: [], type: 'nova_grounding_result' } },
        { searchResult: {} },
      ]),
    ).toMatchObject(
      ['guardContent', 'video', 'toolUse', 'toolResult', 'searchResult'].map((type) => ({ kind: 'opaque', type })),
    )
  })
})
