import { describe, expect, it } from 'vitest'
import { address } from './address.ts'

describe('a path of Converse', () => {
  it.each([
    ['/model/us.amazon.nova-lite-v1%3A0/converse', 'us.amazon.nova-lite-v1:0', false],
    ['/model/us.amazon.nova-lite-v1:0/converse-stream', 'us.amazon.nova-lite-v1:0', true],
    [
      '/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fx/converse',
      'arn:aws:bedrock:us-east-1:1:inference-profile/x',
      false,
    ],
    ['/model/openai/gpt/converse', 'openai/gpt', false],
  ])('%s says which model is asked, and whether for a stream', (path, model, stream) => {
    expect(address.read(path)).toEqual({ model, stream })
  })

  it.each(['/model/m/invoke', '/model//converse', '/model/converse', '/model/%zz/converse', '/models/m/converse'])(
    '%s is another one',
    (path) => {
      expect(address.read(path)).toBeUndefined()
    },
  )

  it('a name cannot lead out of its path', () => {
    expect(address.pathFor('/model', '../secrets?x#y', true)).toBe('/model/..%2Fsecrets%3Fx%23y/converse-stream')
    expect(address.pathFor('/model', 'us.amazon.nova-lite-v1:0', false)).toBe(
      '/model/us.amazon.nova-lite-v1%3A0/converse',
    )
  })
})
