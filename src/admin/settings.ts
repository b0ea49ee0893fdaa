import { z } from 'zod'
import { hostAndPort, isLoopbackHost, splitHostAndPort } from '../config/host-and-port.ts'
import { listenerTlsSettings } from '../config/listener-tls.ts'

/** The `admin:` part of the config. */
export const adminSettings = z
  .strictObject({
    listen: hostAndPort
      .describe('Where the admin API, the dashboard and the metrics are served. Default 127.0.0.1:8081.')
      .default('127.0.0.1:8081'),
    tls: listenerTlsSettings.optional(),
    allowNonLoopback: z
      .boolean()
      .describe('Must be true when other machines can reach `listen` without `tls`: put TLS in front.')
      .optional(),
  })
  // Secure by default: who opens the control plane to a network says so in as many words (failures.md A6).
  .refine(
    ({ listen, tls, allowNonLoopback }) =>
      tls !== undefined || allowNonLoopback === true || isLoopbackHost(splitHostAndPort(listen).host),
    {
      path: ['listen'],
      message:
        'other machines could reach the admin API there in clear; listen on 127.0.0.1, set admin.tls, or set admin.allowNonLoopback: true and put TLS in front',
    },
  )

export type AdminSettings = z.infer<typeof adminSettings>
