import { once } from 'node:events'
import net from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../src/canonical/clock.ts'
import { Flow, type HowEnded, type Step } from './script.ts'

/** What is done to one call: to the bytes that go up (to the far side), and to those that come down. */
export interface CallScript {
  readonly up?: readonly Step[]
  readonly down?: readonly Step[]
}

/** What is done to a new connection before a byte of it passes. */
export type ConnectionFault =
  | { readonly kind: 'reset' }
  | { readonly kind: 'silence' }
  | { readonly kind: 'wait'; readonly delayMs: number }

/** One call as it passed: what came up from the near side, and what was let down to it. */
export interface PassedCall {
  readonly connection: number
  /** As the near side sent it, whether or not it was passed on. */
  readonly up: Buffer
  readonly down: Buffer
  /** Of the bytes up, how many were passed on. */
  readonly upPassedBytes: number
  readonly beganMs: number
  readonly lastByteMs: number
  /** By the script; `undefined`: it did not end it. */
  readonly ended: HowEnded | undefined
}

/** A scripted call, to be waited for. */
export interface ScriptedCall {
  /** Its last step is over, in each direction that has any. */
  readonly done: Promise<void>
  /** So many bytes were let down. */
  passedDown(bytes: number): Promise<void>
}

export interface FaultProxy extends AsyncDisposable {
  readonly origin: string
  readonly calls: readonly PassedCall[]
  /** Connections that are open on the near side. */
  readonly open: number
  readonly connections: number
  /** What is done to the next call that has no script yet; without one it passes. */
  nextCall(script: CallScript): ScriptedCall
  nextConnection(fault: ConnectionFault): void
  /** From now on connections are refused by the system, until `accept`. */
  refuse(): Promise<void>
  accept(): Promise<void>
  /** Ends all connections in good order. Resolves when the near side has let go of them, so that its next call needs a new one. */
  hangUp(): Promise<void>
  /** Forgets scripts that nobody called for. @returns how many there were. */
  forget(): number
}

export interface ProxySettings {
  /** Where connections go on to. */
  readonly to: string
  readonly clock: Clock
  /** When given, every write is cut at places drawn from it, each piece a write of its own. */
  readonly splits?: () => number
}

/**
 * A TCP proxy that does exactly what it is told to the bytes between two sides. It knows no HTTP: a call begins with the
 * first byte up, and the next one with the first byte up after bytes have come down.
 */
export async function openFaultProxy(settings: ProxySettings): Promise<FaultProxy> {
  const scripts: Call[] = []
  const faults: ConnectionFault[] = []
  const calls: Call[] = []
  const near = new Set<net.Socket>()
  const to = new URL(settings.to)
  let connections = 0
  let port = 0
  let server = await listen(0)

  function listen(at: number): Promise<net.Server> {
    const made = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      connections += 1
      near.add(socket)
      socket.on('close', () => near.delete(socket)).on('error', () => undefined)
      void serve(socket, connections, faults.shift())
    })
    made.listen(at, '127.0.0.1')
    return once(made, 'listening').then(() => {
      const address = made.address()
      port = typeof address === 'object' && address ? address.port : 0
      return made
    })
  }

  async function serve(socket: net.Socket, place: number, fault: ConnectionFault | undefined): Promise<void> {
    if (fault?.kind === 'reset') return void socket.resetAndDestroy()
    if (fault?.kind === 'silence') return void socket.resume()
    if (fault?.kind === 'wait') await pause(settings.clock, fault.delayMs, socket)
    const far = net.connect({ host: to.hostname, port: Number(to.port), allowHalfOpen: true, noDelay: true })
    far.on('error', () => undefined)
    // What is left on the far side has nobody to go to.
    socket.once('close', () => far.destroy())
    const line = { socket, far, call: undefined as Call | undefined }
    const callFor = (isUp: boolean): Call => {
      if (!line.call || (isUp && line.call.hasAnswer)) {
        line.call = scripts.shift() ?? new Call({})
        line.call.begin(place, settings.clock)
        calls.push(line.call)
      }
      return line.call
    }
    await Promise.all([
      pump(socket, far, settings, () => callFor(true).directions.up),
      pump(far, socket, settings, () => callFor(false).directions.down),
    ])
  }

  async function hangUp(): Promise<void> {
    await Promise.all([...near].map((socket) => gone(socket)))
  }

  return {
    get origin() {
      return `http://127.0.0.1:${port}`
    },
    calls,
    get open() {
      return near.size
    },
    get connections() {
      return connections
    },
    nextCall: (script) => {
      const call = new Call(script)
      scripts.push(call)
      return call
    },
    nextConnection: (fault) => void faults.push(fault),
    refuse: async () => {
      const over = closed(server)
      await hangUp()
      await over
    },
    accept: async () => void (server = await listen(port)),
    hangUp,
    forget: () => scripts.splice(0).length + faults.splice(0).length,
    [Symbol.asyncDispose]: async () => {
      for (const socket of near) socket.destroy()
      await closed(server)
    },
  }
}

/** One direction of a call. */
interface Direction {
  readonly flow: Flow
  heard(bytes: Buffer): void
  wrote(bytes: Buffer): void
  done(): void
  end(how: HowEnded): void
}

class Call implements PassedCall, ScriptedCall {
  connection = 0
  upPassedBytes = 0
  beganMs = 0
  lastByteMs = 0
  ended: HowEnded | undefined
  readonly done: Promise<void>
  readonly directions: Readonly<Record<'up' | 'down', Direction>>
  readonly #up: Buffer[] = []
  readonly #down: Buffer[] = []
  #downBytes = 0
  #clock: Clock | undefined
  #waiting: { readonly bytes: number; readonly resolve: () => void }[] = []

  constructor({ up = [], down = [] }: CallScript) {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.done = promise
    const open = new Set([up.length > 0 ? 'up' : '', down.length > 0 ? 'down' : ''].filter((name) => name !== ''))
    const over = (name: string): void => {
      open.delete(name)
      if (open.size === 0) resolve()
    }
    const end = (how: HowEnded): void => void (this.ended = how)
    this.directions = {
      up: {
        flow: new Flow(up),
        heard: (bytes) => void this.#up.push(bytes),
        wrote: (bytes) => void (this.upPassedBytes += bytes.length),
        done: () => over('up'),
        end,
      },
      down: {
        flow: new Flow(down),
        heard: () => undefined,
        wrote: (bytes) => this.#cameDown(bytes),
        done: () => over('down'),
        end,
      },
    }
  }

  begin(connection: number, clock: Clock): void {
    this.connection = connection
    this.#clock = clock
    this.beganMs = clock.monotonicMs()
  }

  get up(): Buffer {
    return Buffer.concat(this.#up)
  }

  get down(): Buffer {
    return Buffer.concat(this.#down)
  }

  get hasAnswer(): boolean {
    return this.#downBytes > 0
  }

  passedDown(bytes: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    if (this.#downBytes >= bytes) resolve()
    else this.#waiting.push({ bytes, resolve })
    return promise
  }

  #cameDown(bytes: Buffer): void {
    this.#down.push(bytes)
    this.#downBytes += bytes.length
    this.lastByteMs = this.#clock?.monotonicMs() ?? 0
    for (const { bytes: wanted, resolve } of this.#waiting) if (this.#downBytes >= wanted) resolve()
    this.#waiting = this.#waiting.filter(({ bytes: wanted }) => wanted > this.#downBytes)
  }
}

/** Passes bytes on in one direction until it ends, by itself or by script. */
async function pump(from: net.Socket, to: net.Socket, settings: ProxySettings, direction: () => Direction) {
  try {
    for await (const chunk of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      const { flow, ...call } = direction()
      call.heard(chunk)
      for (const act of flow.feed(chunk)) {
        if (to.destroyed) return
        switch (act.kind) {
          case 'write':
            await writeInPieces(to, act.bytes, settings.splits, call.wrote)
            break
          case 'wait':
            await pause(settings.clock, act.delayMs, to)
            break
          case 'hold':
            await Promise.race([act.until, closing(to)])
            break
          case 'done':
            call.done()
            break
          case 'end':
            call.end(act.how)
            endBoth(from, to, act.how)
            call.done()
            return
        }
      }
    }
    to.end()
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown
    // A reset on one side is a reset on the other; a connection that we broke ourselves is broken already.
    if (!to.destroyed) to.resetAndDestroy()
  }
}

function endBoth(from: net.Socket, to: net.Socket, how: HowEnded): void {
  switch (how) {
    case 'reset':
      to.resetAndDestroy()
      from.resetAndDestroy()
      return
    case 'fin':
      to.end()
      from.resetAndDestroy()
      return
    case 'silence':
      // What still comes is read and forgotten; when one side goes, so does the other.
      from.resume()
      from.once('close', () => to.destroy())
      to.once('close', () => from.destroy())
      return
  }
}

async function writeInPieces(
  to: net.Socket,
  bytes: Buffer,
  splits: (() => number) | undefined,
  wrote: (bytes: Buffer) => void,
): Promise<void> {
  let rest = bytes
  while (rest.length > 0 && !to.destroyed) {
    // Short and long pieces alike, whatever the size of the whole.
    const size = splits ? 1 + Math.floor(splits() ** 3 * rest.length) : rest.length
    const piece = rest.subarray(0, size)
    rest = rest.subarray(size)
    const hasRoom = to.write(piece)
    wrote(piece)
    if (splits && rest.length > 0) await nextTurn()
    if (!hasRoom) await drained(to)
  }
}

async function drained(socket: net.Socket): Promise<void> {
  if (socket.destroyed) return
  const { promise, resolve } = Promise.withResolvers<void>()
  socket.once('drain', resolve).once('close', resolve)
  await promise
  socket.off('drain', resolve).off('close', resolve)
}

/** Waits, but not for a connection that is gone. */
async function pause(clock: Clock, delayMs: number, socket: net.Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = clock.after(delayMs, resolve)
  socket.once('close', resolve)
  await promise
  socket.off('close', resolve)
  timer.cancel()
}

function gone(socket: net.Socket): Promise<void> {
  const isGone = closing(socket)
  socket.end()
  socket.resume()
  return isGone
}

function closing(socket: net.Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (socket.destroyed) resolve()
  else socket.once('close', () => resolve())
  return promise
}

function closed(server: net.Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  return promise
}
