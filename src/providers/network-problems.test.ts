import { describe, expect, it } from 'vitest'
import { networkOf } from './network.ts'
import { judgeAddress, judgeTls } from './network-problems.ts'

describe('L3: the address of a provider in the config', () => {
  it.each([
    'https://api.openai.com',
    'http://127.0.0.1:11434',
    'http://localhost:8000',
    'http://10.0.0.5',
    'http://8.8.8.8',
  ])('%s needs no word more', (origin) => {
    expect(judgeAddress(origin, networkOf())).toEqual({})
  })

  it.each([
    ['http://169.254.169.254', undefined, /link-local/],
    ['http://169.254.169.254', false, /link-local/],
    ['http://[fe80::1]', undefined, /link-local/],
    ['http://[::ffff:a9fe:a9fe]', undefined, /link-local/],
    ['http://[64:ff9b::a9fe:a9fe]', undefined, /credentials of a machine/],
    ['http://[fd00:ec2::254]', undefined, /credentials of a machine/],
    ['http://100.100.100.200', undefined, /credentials of a machine/],
    ['http://0.0.0.0:11434', true, /write 127\.0\.0\.1/],
    ['http://[::]', undefined, /not the address of a server/],
    ['http://224.0.0.1', undefined, /not the address of a server/],
    ['http://127.0.0.1', false, /network\.private says/],
    ['http://localhost', false, /network\.private says/],
  ])('%s with private %s is refused', (origin, isPrivate, problem) => {
    expect(judgeAddress(origin, networkOf({ private: isPrivate })).problem).toMatch(problem)
  })

  it('a link-local address may be meant', () => {
    expect(judgeAddress('http://169.254.169.254', networkOf({ private: true }))).toEqual({})
  })

  it('that is reached without TLS has no use for its settings', () => {
    const withTls = networkOf({ tls: { minVersion: 'TLSv1.3' } })
    expect(judgeTls('http://llm.example', withTls)).toMatch(
      /^has no effect: http:\/\/llm\.example is reached without TLS/,
    )
    expect(judgeTls('https://llm.example', withTls)).toBeUndefined()
    expect(judgeTls('http://llm.example', networkOf())).toBeUndefined()
  })

  it.each(['http://ollama:11434', 'http://vllm.ns.svc.cluster.local', 'http://llm.internal', 'http://box.home.arpa.'])(
    '%s is warned about before its first call is refused, unless the mark or a proxy is there',
    (origin) => {
      expect(judgeAddress(origin, networkOf()).warning).toMatch(/network\.private/)
      expect(judgeAddress(origin, networkOf({ private: true }))).toEqual({})
      expect(judgeAddress(origin, networkOf({ proxy: { url: 'http://proxy.example:3128' } }))).toEqual({})
    },
  )
})
