import { answerRequest } from './answer-request.ts'
import { answerUpgrade } from './answer-upgrade.ts'
import type { Listening } from './listening.ts'
import { refuseBytes, refuseTunnel } from './refuse-bytes.ts'
import type { Server } from './tls-server.ts'

/** Hears what Node tells of a server's connections beside plain requests. */
export function hearServer(server: Server, listening: Listening): void {
  const { clients, parts } = listening
  // Without these two, Node itself would tell clients to go on before anyone has asked who they are.
  server.on('checkContinue', (incoming, outgoing) => void answerRequest(incoming, outgoing, listening))
  server.on('checkExpectation', (incoming, outgoing) => void answerRequest(incoming, outgoing, listening))
  server.on('connect', (_incoming, socket) => {
    const connection = clients.of(socket)
    connection.isBroken = true
    if (!clients.isAnswering(socket)) return refuseTunnel(socket, parts.clock)
    // A refusal would stand inside the answer, or be taken for it.
    connection.client?.lose()
    socket.destroy()
  })
  server.on('upgrade', (incoming, socket, rest) => void answerUpgrade(incoming, socket, rest, listening))
  server.on('clientError', (error, socket) => {
    const connection = clients.of(socket)
    connection.isBroken = true
    connection.client?.lose()
    refuseBytes(error, socket, connection.answer, parts.clock)
  })
}
