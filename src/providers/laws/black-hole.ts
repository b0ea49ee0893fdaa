import net from 'node:net'
import { Worker } from 'node:worker_threads'

/** A port whose connections are never made: what is sent there is dropped (failures.md fault 2). Use with `await using`. */
export interface BlackHole extends AsyncDisposable {
  readonly port: number
}

/*
 * A thread listens with a queue of one and then sleeps, so that nobody accepts. Once the queue is full, the kernel drops
 * every further SYN, as a firewall would.
 */
const program = `
const { workerData, parentPort } = require('node:worker_threads')
const server = require('node:net').createServer()
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port)
  Atomics.wait(new Int32Array(workerData), 0, 0)
  process.exit()
})
`

/** More than any kernel lets wait behind a backlog of one. */
const fillers = 8

export async function openBlackHole(): Promise<BlackHole> {
  const sleep = new SharedArrayBuffer(4)
  const worker = new Worker(program, { eval: true, workerData: sleep })
  const port = await new Promise<number>((resolve) => worker.once('message', resolve))
  const sockets = Array.from({ length: fillers }, () => net.connect(port, '127.0.0.1').on('error', () => undefined))
  await Promise.race(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))))
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      Atomics.store(new Int32Array(sleep), 0, 1)
      Atomics.notify(new Int32Array(sleep), 0)
      await worker.terminate()
    },
  }
}
