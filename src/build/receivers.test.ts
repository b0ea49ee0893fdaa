import { expect, it } from 'vitest'
import { alertsSettings } from '../alerts/settings.ts'
import { sourcesOnDisk } from '../config/sources.ts'
import { openReceivers } from './receivers.ts'

it('a receiver of alerts that is reached in clear, beyond this machine, is warned of', () => {
  const warnings: string[] = []
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  const urls = ['http://hook.example/x', 'https://hook.example/x', 'http://127.0.0.1:9/x', 'http://[::1]:9/x']
  const receivers = openReceivers(
    alertsSettings.parse(Object.fromEntries(urls.map((url, place) => [`r${place}`, { url, secret: 'env:S' }]))),
    {
      sources: sourcesOnDisk({ S: secret }, '/'),
      mustHaveSecrets: true,
      nowMs: 0,
      problem: (path, message) => expect.unreachable(`${path.join('.')}: ${message}`),
      warning: (text) => warnings.push(text),
    },
  )
  expect(receivers.size).toBe(4)
  expect(warnings).toEqual([
    'alerts.r0.url: http: what is spent goes over the network in clear; use https, or a receiver on this machine',
  ])
})
