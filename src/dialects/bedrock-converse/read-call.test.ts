import { describe, expect, it } from 'vitest'
import { GatewayError } from '../../canonical/error.ts'
import { markSignature } from '../shared/translation/signed-elsewhere.ts'
import { bedrockConverse } from './index.ts'

const body = { model: 'm', messages: [] }

describe('a call of Converse', () => {
  it('may lack messages, which a stored prompt has', () => {
    expect(
      bedrockConverse.readCall({ model: 'arn:aws:bedrock:us-east-1:123456789012:prompt/ABCDEFGHIJ' }),
    ).toMatchObject({
      isStream: false,
      outputCapTokens: undefined,
    })
  })

  it('may repeat its model as SDKs spell it, but name no other there', () => {
    expect(bedrockConverse.readCall({ messages: [], modelId: 'm' }).modelName).toBe('m')
    expect(bedrockConverse.readCall({ ...body, modelId: 'm' }).modelName).toBe('m')
    expect(refused({ ...body, modelId: 'dearer' })).toEqual(['invalid_request', 'modelId'])
    const call = bedrockConverse.readCall({ ...body, modelId: 'm' })
    expect(bedrockConverse.upstreamEdits({ ...body, modelId: 'm' }, call, 'target')).toEqual([
      { key: 'model', value: 'target' },
      { key: 'modelId', value: 'target' },
    ])
  })

  it.each([
    { max_tokens: 9 },
    { inferenceConfig: { max_new_tokens: 9 } },
    { textGenerationConfig: { maxTokenCount: 9 } },
  ])('may not set its output cap a second time in the words of a maker: %j', (additionalModelRequestFields) => {
    expect(refused({ ...body, additionalModelRequestFields })).toEqual(['unsupported', 'additionalModelRequestFields'])
  })

  it('gets a cap beside what its configuration says', () => {
    const call = { ...body, inferenceConfig: { temperature: 0 } }
    expect(bedrockConverse.outputCapEdits(call, 9, undefined)).toEqual([
      { key: 'inferenceConfig', value: { temperature: 0, maxTokens: 9 } },
    ])
    expect(bedrockConverse.outputCapEdits({ ...body, inferenceConfig: { maxTokens: 5 } }, 9, undefined)).toEqual([])
  })

  it('says what a model must be able to do', () => {
    const content = [{ toolResult: { toolUseId: 't', content: [{ image: {} }] } }, { document: {} }, { audio: {} }]
    const call = {
      model: 'm',
      messages: [{ role: 'user', content }],
      toolConfig: { tools: [{ toolSpec: {} }] },
      outputConfig: { textFormat: { type: 'json_schema' } },
      additionalModelRequestFields: { reasoningConfig: { type: 'enabled' } },
    }
    expect([...bedrockConverse.readCall(call).needs].toSorted()).toEqual(
      ['audio', 'documents', 'images', 'reasoning', 'structured-output', 'tools'].toSorted(),
    )
    const quiet = { additionalModelRequestFields: { thinking: { type: 'disabled' } } }
    expect([...bedrockConverse.readCall({ ...body, ...quiet }).needs]).toEqual([])
  })

  it('goes to Bedrock without thoughts that were signed elsewhere, and with all others', () => {
    const thought = (signature?: string) => ({
      reasoningContent: { reasoningText: { text: 'Hm', ...(signature && { signature }) } },
    })
    const foreign = markSignature({ format: 'google-gemini-v1', signature: 'c2ln' })
    const redactedContent = Buffer.from(foreign).toString('base64')
    const messages = [
      { role: 'user', content: [{ text: 'Hi' }] },
      { role: 'assistant', content: [thought(foreign), thought('c2ln'), thought(), { text: 'Hello' }] },
      { role: 'assistant', content: [{ reasoningContent: { redactedContent } }] },
    ]
    const call = bedrockConverse.readCall({ model: 'm', messages })
    expect(bedrockConverse.upstreamEdits({ model: 'm', messages }, call, 'm')).toEqual([
      {
        key: 'messages',
        value: [messages[0], { role: 'assistant', content: [thought('c2ln'), thought(), { text: 'Hello' }] }],
      },
    ])
  })
})

function refused(call: Parameters<typeof bedrockConverse.readCall>[0]): readonly (string | undefined)[] {
  try {
    bedrockConverse.readCall(call)
    return []
  } catch (thrown) {
    if (thrown instanceof GatewayError) return [thrown.kind, thrown.param]
    throw thrown
  }
}
