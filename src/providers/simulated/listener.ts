import type { ServerResponse } from 'node:http'
import type { Clock } from '../../canonical/clock.ts'

/** The client's side of one exchange: writes to it, waits for it, breaks it. */
export interface Listener {
  /** The client has closed its connection, or the server is closing. */
  readonly isGone: boolean
  readonly bytes: number
  /** Resolves when the client is gone. */
  readonly gone: Promise<void>
  /** Waits for so long, or until the client is gone, unless `isPatient`. */
  wait(delayMs: number, isPatient: boolean): Promise<void>
  head(status: number, headers: readonly string[]): void
  /** Resolves when there is room for more. */
  write(bytes: string | Buffer): Promise<void>
  end(bytes?: string): void
  /** Sends what was written, then a reset or a bare FIN in place of the rest. */
  cut(how: 'rst' | 'fin'): Promise<void>
}

/** A reset overtakes bytes that the far side has not read yet; so long they get. */
const readingTimeMs = 25

export function openListener(outgoing: ServerResponse, clock: Clock): Listener {
  let isGone = false
  let bytes = 0
  const { promise: gone, resolve: tellGone } = Promise.withResolvers<void>()
  /** Ends the wait that is under way. One at a time: a race against `gone` for each token would pile up on it. */
  let wake: (() => void) | undefined
  const leave = (): void => {
    isGone = true
    tellGone()
    wake?.()
  }
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) leave()
  })
  // Writing to a client that is just leaving: the same as having seen it leave.
  outgoing.once('error', leave)
  const wait = async (delayMs: number, isPatient: boolean): Promise<void> => {
    if (delayMs <= 0 || (isGone && !isPatient)) return
    await new Promise<void>((resolve) => {
      const timer = clock.after(delayMs, resolve)
      if (isPatient) return
      wake = () => {
        timer.cancel()
        resolve()
      }
    })
    wake = undefined
  }
  return {
    get isGone() {
      return isGone
    },
    get bytes() {
      return bytes
    },
    gone,
    wait,
    head: (status, headers) => {
      if (isGone) return
      outgoing.writeHead(status, [...headers])
      outgoing.flushHeaders()
    },
    write: async (part) => {
      if (isGone) return
      bytes += Buffer.byteLength(part)
      if (outgoing.write(part)) return
      await new Promise<void>((resolve) => {
        wake = resolve
        outgoing.once('drain', resolve)
      })
      wake = undefined
    },
    end: (part) => {
      if (isGone) return
      bytes += part === undefined ? 0 : Buffer.byteLength(part)
      outgoing.end(part)
    },
    cut: async (how) => {
      await wait(readingTimeMs, false)
      if (how === 'fin') outgoing.socket?.destroySoon()
      else outgoing.socket?.resetAndDestroy()
    },
  }
}
