import { z } from 'zod'
import { hostAndPort } from '../config/host-and-port.ts'
import { listenerTlsSettings } from '../config/listener-tls.ts'

/** Each takes memory and a core; no machine that Weir is meant for has more. */
export const maxWorkers = 64

const shedSettings = z.strictObject({
  memoryShare: z
    .number()
    .min(0.1)
    .max(1)
    .describe('Share of the heap, or of the memory, from which new calls are refused. Default 0.85.')
    .default(0.85),
  loopDelayMs: z
    .int()
    .min(1)
    .describe('Usual delay of the event loop from which new calls are refused; at twice that, all. Default 50.')
    .default(50),
  fileReserve: z
    .int()
    .min(0)
    .describe('File descriptors kept for the records, the database and the providers. Default 64.')
    .default(64),
  fairFrom: z
    .number()
    .min(0)
    .max(1)
    .describe(
      'Share of maxExchanges from which callers above their fair share are refused: organisations, then keys. Default 0.8.',
    )
    .default(0.8),
})

/** The `server:` part of the config. */
export const serverSettings = z
  .strictObject({
    listen: hostAndPort.describe('Where clients connect. Default 127.0.0.1:8080.').default('127.0.0.1:8080'),
    tls: listenerTlsSettings.optional(),
    maxBodyBytes: z
      .int()
      .min(1024)
      .max(256 * 1024 * 1024)
      .describe('Largest request body. Default 32 MiB.')
      .default(32 * 1024 * 1024),
    maxHeldBodyBytes: z
      .int()
      .min(1024)
      .describe('Bytes of request bodies held at once, of all calls under way. Default 512 MiB.')
      .default(512 * 1024 * 1024),
    maxExchanges: z.int().min(1).describe('Calls under way at once. Default 5,000.').default(5_000),
    maxConnections: z.int().min(1).describe('Connections held at once. Default 10,000.').default(10_000),
    maxConnectionsPerAddress: z
      .int()
      .min(1)
      .describe('Connections held at once from one client address. Default 5,000.')
      .default(5_000),
    workers: z
      .int()
      .min(1)
      .max(maxWorkers)
      .describe('Processes that serve clients. Default 1. Above 1 one more process holds them together.')
      .default(1),
    spareWorkers: z
      .int()
      .min(0)
      .max(maxWorkers)
      .describe('With workers: processes that wait, loaded, to take the place of one that dies. Default 1.')
      .default(1),
    bodyMs: z
      .int()
      .min(1)
      .max(300_000)
      .describe('How long a request body may take to come. Default 30,000.')
      .default(30_000),
    minBodyBytesPerSecond: z
      .int()
      .min(0)
      .describe('A request body that comes more slowly is refused. Default 1,024.')
      .default(1_024),
    clientIdleMs: z
      .int()
      .min(1)
      .describe('How long a client may take nothing of what waits for it, before it is cut off. Default 60,000.')
      .default(60_000),
    drainMs: z
      .int()
      .min(0)
      .describe('How long running exchanges may go on after SIGTERM. Default 60,000.')
      .default(60_000),
    shed: shedSettings.describe('When new calls are refused before there is trouble.').prefault({}),
  })
  .refine((server) => server.maxHeldBodyBytes >= server.maxBodyBytes, {
    path: ['maxHeldBodyBytes'],
    message: 'must be at least maxBodyBytes: otherwise the largest bodies could never be read',
  })

export type ServerSettings = z.infer<typeof serverSettings>
