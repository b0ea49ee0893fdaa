import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { makeHome, startGatewayProcess } from '../crash/gateway-process.ts'

const dir = mkdtempSync(join(tmpdir(), 'weir-files-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** A gateway as a real process, which may have as many descriptors as it is given. */
describe('fault 43 the limit of file descriptors', () => {
  it.each([
    ['with a reserve: connections are closed at once, the rest goes on, and it recovers', 64, true],
    ['without a reserve, up to the very last one: nothing crashes, and it recovers', 0, false],
  ])('%s', async (what, fileReserve, isTold) => {
    const home = makeHome(
      mkdtempSync(join(dir, 'home-')),
      `
providers: { simulated: { kind: simulated, speed: instant } }
models: { m: { targets: [{ provider: simulated, model: sim-1 }] } }
`,
      { ulimit: '-n 200', server: `shed: { fileReserve: ${fileReserve} }` },
    )
    const weir = await startGatewayProcess(home)
    const ask = () =>
      fetch(`${weir.origin}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${weir.firstKey}`, 'content-type': 'application/json', connection: 'close' },
        body: '{"model":"m","messages":[{"role":"user","content":"hi"}]}',
      }).then(
        (answer) => answer.status,
        () => 'closed' as const,
      )
    expect([what, await ask()]).toEqual([what, 200])

    const sockets = await connectMany(Number(new URL(weir.origin).port), 400)
    // Closed by the gateway, or by the system on its behalf; either way it knows no more of them than it can hold.
    await until(() => sockets.filter(({ closed }) => closed).length >= 200)
    expect(weir.process.hasEnded).toBe(false)
    expect(['closed', 503]).toContain(await ask())
    if (isTold) {
      const metrics = await (await fetch(`${weir.adminOrigin}/metrics`)).text()
      expect(metrics).toMatch(/^weir_connections_refused_total\{reason="files"\} [1-9]/m)
    }
    for (const socket of sockets) socket.destroy()
    let status = await ask()
    while (status !== 200) status = await ask()
    expect(await weir.end('SIGTERM')).toEqual({ code: 0, signal: null })
  })
})

function connectMany(port: number, count: number): Promise<readonly Socket[]> {
  return Promise.all(
    Array.from({ length: count }, () => {
      const { promise, resolve } = Promise.withResolvers<Socket>()
      const socket = connect(port, '127.0.0.1', () => resolve(socket))
      socket.on('error', () => resolve(socket.destroy()))
      // The end must be read to be seen.
      socket.resume()
      return promise
    }),
  )
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}
