import { describe, expect, it } from 'vitest'
import { isLoopbackHost, splitHostAndPort } from '../config/host-and-port.ts'
import { adminSettings } from './settings.ts'

describe('the admin part of the config', () => {
  it.each(['127.0.0.1:8081', 'localhost:0', '[::1]:8081', '127.8.7.6:1', 'LOCALHOST:80'])(
    'A6: listens on %s',
    (listen) => {
      expect(adminSettings.parse({ listen }).listen).toBe(listen)
    },
  )

  it.each([
    '0.0.0.0:8081',
    '[::]:8081',
    '10.0.0.5:8081',
    'weir.example.com:8081',
    '127.0.0.1.evil.example:1',
    '[::ffff:10.0.0.1]:1',
  ])('secure by default: %s is an error unless it speaks TLS or is allowed in as many words', (listen) => {
    const refused = adminSettings.safeParse({ listen })
    expect(refused.error?.issues).toEqual([
      expect.objectContaining({ path: ['listen'], message: expect.stringMatching(/allowNonLoopback/) }),
    ])
    expect(adminSettings.safeParse({ listen, allowNonLoopback: false }).success).toBe(false)
    expect(adminSettings.safeParse({ listen, allowNonLoopback: true }).success).toBe(true)
    expect(adminSettings.safeParse({ listen, tls: { cert: 'file:a.pem', key: 'file:a.key' } }).success).toBe(true)
  })

  it('is loopback when nothing is said, and refuses unknown keys', () => {
    expect(adminSettings.parse({})).toEqual({ listen: '127.0.0.1:8081' })
    expect(adminSettings.safeParse({ lisen: '127.0.0.1:1' }).success).toBe(false)
  })

  it.each(['8081', ':8081', '127.0.0.1', '127.0.0.1:99999', 'http://127.0.0.1:1', '::1:80'])('refuses %s', (listen) => {
    expect(adminSettings.safeParse({ listen, allowNonLoopback: true }).success).toBe(false)
  })

  it('splits host and port', () => {
    expect(splitHostAndPort('[::1]:80')).toEqual({ host: '::1', port: 80 })
    expect(splitHostAndPort('localhost:0')).toEqual({ host: 'localhost', port: 0 })
    expect(isLoopbackHost('127.evil.example')).toBe(false)
  })
})
