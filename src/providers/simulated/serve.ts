import http from 'node:http'
import net from 'node:net'
import type { Clock } from '../../canonical/clock.ts'
import { serveExchange, type Parts } from './exchange.ts'
import { openSimulatedLog, type SimulatedLog } from './log.ts'
import type { Speed } from './pace.ts'
import { openPromptCache } from './prompt-cache.ts'
import { openResponseMemory } from './response-memory.ts'

export interface SimulatedOptions {
  readonly clock: Clock
  /** Another seed, other texts. Default 1. */
  readonly seed?: number
  /** Default `realistic`. A path that begins with `/instant` or `/realistic` wins over it. */
  readonly speed?: Speed
  /** When set, calls without it are refused with 401. */
  readonly apiKey?: string
  /** Where each entry of the log is appended too, as a line of JSON. */
  readonly logFile?: string
  /** Default 0: any free one. */
  readonly port?: number
  /**
   * How many sockets share the port. Default 1. Node accepts one connection of each in a turn of its event loop, which is what a
   * provider under heavy load would be measured by. Linux knows more than one.
   */
  readonly sockets?: number
  /** Hears of exchanges that failed by a mistake of ours. Default: thrown again, outside. */
  readonly onBug?: (thrown: unknown) => void
}

export interface SimulatedServer {
  /** Scheme, host and port, such as `http://127.0.0.1:40123`. */
  readonly origin: string
  readonly log: SimulatedLog
  /** Breaks off what is running; every exchange is in the log when this resolves. */
  close(): Promise<void>
}

/**
 * Starts the simulated provider: a real HTTP server on loopback that speaks chat completions, responses, messages,
 * Gemini's `generateContent`, embeddings and the list of models, and makes up its answers. What it shall do is asked for in the model name: see `behaviour.ts`.
 */
export async function startSimulated(options: SimulatedOptions): Promise<SimulatedServer> {
  const { clock, onBug = throwOutside } = options
  const log = openSimulatedLog(options.logFile)
  const startedAt = clock.nowMs().toString(36)
  let exchanges = 0
  const parts: Parts = {
    clock,
    seed: options.seed ?? 1,
    speed: options.speed ?? 'realistic',
    apiKey: options.apiKey,
    log,
    promptCache: openPromptCache(clock),
    responseMemory: openResponseMemory(),
    faultCounts: new Map(),
    nextId: () => `sim-${startedAt}-${++exchanges}`,
  }
  const running = new Set<Promise<void>>()
  const server = http.createServer({ noDelay: true }, (incoming, outgoing) => {
    const exchange: Promise<void> = serveExchange(incoming, outgoing, parts)
      .catch((thrown: unknown) => {
        outgoing.destroy()
        onBug(thrown)
      })
      .finally(() => running.delete(exchange))
    running.add(exchange)
  })
  const { sockets = 1 } = options
  const reusePort = sockets > 1
  const port = await listening(server, { port: options.port ?? 0, reusePort })
  const others = Array.from({ length: sockets - 1 }, () =>
    net.createServer({ noDelay: true, allowHalfOpen: true }, (socket) => server.emit('connection', socket)),
  )
  for (const other of others) await listening(other, { port, reusePort })
  return {
    origin: `http://127.0.0.1:${port}`,
    log,
    close: async () => {
      const closed = Promise.all([server, ...others].map((one) => new Promise((resolve) => one.close(resolve))))
      server.closeAllConnections()
      await closed
      await Promise.all(running)
      log.close()
    },
  }
}

/**
 * A gateway under load that starts anew opens hundreds of connections at once: what does not fit is dropped by the system and
 * tried again a second later, and seconds later again.
 */
const waitingConnections = 4_096

/** @returns the port. */
function listening(server: net.Server, place: { readonly port: number; readonly reusePort: boolean }): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  server.once('error', reject)
  server.listen({ ...place, host: '127.0.0.1', backlog: waitingConnections }, () => {
    const address = server.address()
    resolve(typeof address === 'object' && address ? address.port : 0)
  })
  return promise
}

function throwOutside(thrown: unknown): void {
  queueMicrotask(() => {
    throw thrown
  })
}
