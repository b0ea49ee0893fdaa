import { describe, expect, it } from 'vitest'
import { networkOf } from './network.ts'
import { networkView } from './network-view.ts'

const secrets = {
  proxyLogin: 'me:canary-login',
  authorities: 'canary-authority',
  identity: { certificate: 'canary-certificate', key: 'canary-key' },
}

describe('the network of a provider, for people', () => {
  it('tells what is in force and no secret', () => {
    const network = networkOf(
      {
        private: true,
        proxy: { url: 'http://[fd00::1]', login: 'env:A' },
        tls: { ca: 'file:a', systemCa: true, servername: 'llm.internal', minVersion: 'TLSv1.3' },
      },
      secrets,
    )
    const view = networkView({ origin: 'https://llm.example', network })
    expect(view).toEqual({
      isPrivate: true,
      proxy: 'http://[fd00::1]:80',
      trusts: 'own and system',
      hasClientCertificate: true,
      servername: 'llm.internal',
      minTlsVersion: 'TLSv1.3',
    })
    expect(JSON.stringify(view)).not.toContain('canary')
  })

  it('tells the defaults, the mark that an address is by itself, and a proxy only where it is on the way', () => {
    expect(networkView({ origin: 'http://127.0.0.1:11434', network: networkOf() })).toEqual({
      isPrivate: true,
      proxy: undefined,
      trusts: 'system',
      hasClientCertificate: false,
      servername: undefined,
      minTlsVersion: 'TLSv1.2',
    })
    const excepted = networkOf({ proxy: { url: 'http://proxy.example:3128', except: ['*.example'] } })
    expect(networkView({ origin: 'https://llm.example', network: excepted })).toMatchObject({
      isPrivate: false,
      proxy: undefined,
    })
    const own = networkOf({ tls: { ca: 'file:a' } }, secrets)
    expect(networkView({ origin: 'https://llm.example', network: own }).trusts).toBe('own')
  })
})
