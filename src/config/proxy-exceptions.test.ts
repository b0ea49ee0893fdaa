import { describe, expect, it } from 'vitest'
import { exceptionProblem, isException } from './proxy-exceptions.ts'

describe('the hosts that a proxy is not for', () => {
  it.each([
    ['llm.example', 'llm.example', true],
    ['LLM.example.', 'llm.EXAMPLE', true],
    ['llm.example', 'example', false],
    ['llm.example', '*.example', true],
    ['a.b.example', '*.example', true],
    ['example', '*.example', false],
    ['notexample', '*.example', false],
    ['10.1.2.3', '10.0.0.0/8', true],
    ['11.1.2.3', '10.0.0.0/8', false],
    ['fd00::5', 'fd00::/8', true],
    ['fd00::5', '10.0.0.0/8', false],
    ['::1', '0:0:0:0:0:0:0:1', true],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', 'llm.example', false],
    ['llm.example', '10.0.0.0/8', false],
  ])('%s with the exception %s: %s', (hostname, exception, is) => {
    expect(isException(hostname, [exception])).toBe(is)
  })

  it.each(['llm.example', '*.example', '10.0.0.0/8', 'fd00::/8', '::1', '10.0.0.1', 'my_host'])('may be %s', (text) => {
    expect(exceptionProblem(text)).toBeUndefined()
  })

  it.each(['', '*', 'llm.example:443', 'http://llm.example', '10.0.0.0/33', '10.0.0/x', 'a b', '*example', 'a.*.b'])(
    'may not be %j',
    (text) => {
      expect(exceptionProblem(text)).toBeDefined()
    },
  )
})
