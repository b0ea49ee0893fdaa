import { describe, expect, it } from 'vitest'
import { headerText } from './header-text.ts'

describe('text in a header', () => {
  it.each([
    ['gpt-5.2', 'gpt-5.2'],
    ['messages[2].content', 'messages[2].content'],
    ['模型', '%E6%A8%A1%E5%9E%8B'],
    ['😀', '%F0%9F%98%80'],
    ['é', '%C3%A9'],
    ['50%', '50%25'],
    ['a\r\nset-cookie: b', 'a%0D%0Aset-cookie:%20b'],
    [' x ', '%20x%20'],
    ['a\u2028b\u0085c\u001b[31m', 'a%E2%80%A8b%C2%85c%1B[31m'],
    ['\ud800', '%EF%BF%BD'],
  ])('%j is told as %s', (text, told) => {
    expect(headerText(text)).toBe(told)
  })
})
