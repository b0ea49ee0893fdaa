import { z } from 'zod'
import { hostAndPort } from '../config/host-and-port.ts'
import { listenerTlsSettings } from '../config/listener-tls.ts'

/** Each takes memory and a core; no machine that Weir is meant for has more. */
export const maxWorkers = 64

/** The `server:` part of the config. */
export const serverSettings = z.strictObject({
  listen: hostAndPort.describe('Where clients connect. Default 127.0.0.1:8080.').default('127.0.0.1:8080'),
  tls: listenerTlsSettings.optional(),
  maxBodyBytes: z
    .int()
    .min(1024)
    .max(256 * 1024 * 1024)
    .describe('Largest request body. Default 32 MiB.')
    .default(32 * 1024 * 1024),
  maxConnections: z.int().min(1).describe('Connections held at once. Default 10,000.').default(10_000),
  workers: z
    .int()
    .min(1)
    .max(maxWorkers)
    .describe('Processes that serve clients. Default 1. Above 1 one more process holds them together.')
    .default(1),
  drainMs: z
    .int()
    .min(0)
    .describe('How long running exchanges may go on after SIGTERM. Default 60,000.')
    .default(60_000),
})

export type ServerSettings = z.infer<typeof serverSettings>
