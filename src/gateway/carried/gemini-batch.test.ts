import { describe, expect, it } from 'vitest'
import { readGeminiBatch } from './gemini-batch.ts'

const read = (text: string) => readGeminiBatch('swift', 'batchGenerateContent', Buffer.from(text))
const around = (requests: string, config = 'inputConfig') =>
  `{"batch":{"${config}":{"requests":{"requests":${requests}}}}}`
const contents = '"contents":[{"parts":[{"text":"hi"}]}]'

describe('a batch of Gemini’s', () => {
  it('is read call by call, in both spellings, with whatever its metadata hold', async () => {
    const one = `{"request":{${contents}},"metadata":{"a":1,"a":2}}`
    for (const config of ['inputConfig', 'input_config']) {
      const { inner, sizeBytes } = await read(around(`[${one},${one}]`, config))
      expect(inner.map(({ call, where }) => [call.modelName, where])).toEqual([
        ['swift', 'requests[0]'],
        ['swift', 'requests[1]'],
      ])
      expect(sizeBytes).toBeGreaterThan(0)
    }
  })

  it.each([
    ['no call', around('[]'), 'holds a call'],
    ['a call that is none', around('[{}]'), 'requests[0]: `request` must be an object'],
    ['another model in a call', around(`[{"request":{"model":"models/dear",${contents}}}]`), 'another model'],
    ['another model of its own', `{"batch":{"model":"models/dear","inputConfig":{}}}`, 'another model'],
    ['N4: a key twice', around(`[{"request":{${contents},${contents}}}]`), 'contents'],
    [
      'N4: a key in both spellings',
      around(`[{"request":{${contents},"safetySettings":[],"safety_settings":[]}}]`),
      'both its names',
    ],
    ['calls in a file', '{"batch":{"input_config":{"file_name":"files/x"}}}', 'not judged here'],
  ])('is refused with %s', async (_, text, message) => {
    await expect(read(text)).rejects.toThrow(message)
  })
})
