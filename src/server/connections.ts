import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Why a connection was closed as soon as it was there, before a byte was read. */
export type ConnectionRefusal = 'total' | 'address' | 'files'

export interface ConnectionView {
  readonly open: number
  readonly limit: number
  readonly refused: Readonly<Record<ConnectionRefusal, number>>
}

export interface Connections {
  view(): ConnectionView
  /** Closes every connection, whatever has become of it: upgraded, refused, or still in its TLS handshake. */
  cut(): void
}

export interface ConnectionParts {
  readonly maxConnections: number
  /** Of the config in force. */
  maxPerAddress(): number
  /** A connection was opened. @returns whether the descriptors it would leave are too few. */
  isShortOfFiles(): boolean
  /** The system would not hand over a connection: no descriptor is left. Accepting goes on when there is one again. */
  onAcceptFailure(error: Error): void
}

/**
 * Bounds the connections of a listener: in all, from one address, and by the file descriptors there are. An address is what the
 * socket says; headers of a proxy are not believed (failures.md A10).
 */
export function boundConnections(server: Server, parts: ConnectionParts): Connections {
  const perAddress = new Map<string, number>()
  const refused: Record<ConnectionRefusal, number> = { total: 0, address: 0, files: 0 }
  const open = new Set<Socket>()
  // Without a listener the error would end the process (fault 43).
  server.on('error', parts.onAcceptFailure)
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    const ofAddress = (perAddress.get(address) ?? 0) + 1
    perAddress.set(address, ofAddress)
    open.add(socket)
    socket.once('close', () => {
      open.delete(socket)
      const left = (perAddress.get(address) ?? 1) - 1
      if (left > 0) perAddress.set(address, left)
      else perAddress.delete(address)
    })
    const why = parts.isShortOfFiles()
      ? 'files'
      : open.size > parts.maxConnections
        ? 'total'
        : ofAddress > parts.maxPerAddress()
          ? 'address'
          : undefined
    if (!why) return
    refused[why] += 1
    socket.destroy()
  })
  return {
    view: () => ({ open: open.size, limit: parts.maxConnections, refused: { ...refused } }),
    cut: () => {
      for (const socket of open) socket.destroy()
    },
  }
}
