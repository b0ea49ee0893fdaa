import { z } from 'zod'
import { hostAndPort, isLoopbackHost, splitHostAndPort } from '../config/host-and-port.ts'

/** The `admin:` part of the config. */
export const adminSettings = z
  .strictObject({
    listen: hostAndPort
      .describe('Where the admin API, the dashboard and the metrics are served. Default 127.0.0.1:8081.')
      .default('127.0.0.1:8081'),
    allowNonLoopback: z
      .boolean()
      .describe(
        'Must be true when `listen` is reachable from other machines. The listener speaks plain HTTP: put TLS in front.',
      )
      .optional(),
  })
  // Secure by default: who opens the control plane to a network says so in as many words (failures.md A6).
  .refine((settings) => settings.allowNonLoopback === true || isLoopbackHost(splitHostAndPort(settings.listen).host), {
    path: ['listen'],
    message:
      'other machines could reach the admin API there; listen on 127.0.0.1, or set admin.allowNonLoopback: true and put TLS in front',
  })

export type AdminSettings = z.infer<typeof adminSettings>
