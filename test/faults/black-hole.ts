import { once } from 'node:events'
import net from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'

/** An address at which connections are neither taken nor refused: the system drops what asks for one. */
export interface BlackHole extends AsyncDisposable {
  readonly origin: string
}

/** Event-loop turns after which a connection on loopback that is not there yet will not come. */
const patienceTurns = 200
/** More than any system lets wait behind a backlog of one. */
const mostFillers = 16

/**
 * A thread listens with the shortest backlog there is and then stops for good, so that nobody takes what waits. Once the
 * backlog is full, the system drops further SYNs, as a firewall would.
 */
export async function openBlackHole(): Promise<BlackHole> {
  const thread = new Worker(
    `const { parentPort } = require('node:worker_threads')
     const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
       parentPort.postMessage(server.address().port)
       setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
     })`,
    { eval: true },
  )
  const [port] = (await once(thread, 'message')) as [number]
  const fillers: net.Socket[] = []
  while (fillers.length < mostFillers) {
    const filler = net.connect({ host: '127.0.0.1', port }).on('error', () => undefined)
    fillers.push(filler)
    for (let turn = 0; turn < patienceTurns && filler.connecting; turn += 1) await nextTurn()
    if (filler.connecting) break
  }
  return {
    origin: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      for (const filler of fillers) filler.destroy()
      await thread.terminate()
    },
  }
}
