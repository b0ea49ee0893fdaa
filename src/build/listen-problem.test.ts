import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { build } from '../build.ts'
import { SetupProblem } from '../config/setup-problem.ts'
import { listenProblem } from './listen-problem.ts'

const other = createServer()
const dir = mkdtempSync(join(tmpdir(), 'weir-listen-'))

beforeAll(async () => {
  other.listen(0, '127.0.0.1')
  await once(other, 'listening')
})

afterAll(() => {
  other.close()
  rmSync(dir, { recursive: true, force: true })
})

describe('a listener that cannot open', () => {
  it.each([
    ['server.listen', 'server: { listen: TAKEN }\nadmin: { listen: 127.0.0.1:0 }'],
    ['server.listen', 'server: { listen: TAKEN, workers: 2 }\nadmin: { listen: 127.0.0.1:0 }'],
    ['admin.listen', 'server: { listen: 127.0.0.1:0 }\nadmin: { listen: TAKEN }'],
  ])('is told by its key: %s, of %s', async (key, listeners) => {
    const taken = `127.0.0.1:${(other.address() as AddressInfo).port}`
    const home = mkdtempSync(join(dir, 'home-'))
    const configFile = join(home, 'weir.yaml')
    const rest = `store: { dir: ${join(home, 'data')} }\nproviders: { sim: { kind: simulated } }\nmodels: { m: { targets: [{ provider: sim, model: s }] } }`
    writeFileSync(configFile, `${listeners.replace('TAKEN', taken)}\n${rest}`)
    await expect(build({ configFile, env: {}, log: { write: () => undefined } })).rejects.toEqual(
      new SetupProblem(
        `${key}: cannot listen at ${taken}: something else listens there already: stop that, or choose another port`,
      ),
    )
  })

  it('is told by what is wrong with its address', async () => {
    const server = createServer()
    server.listen(1_025, '192.0.2.1')
    const [thrown]: unknown[] = await once(server, 'error')
    expect(listenProblem('server.listen', { host: '192.0.2.1', port: 1_025 }, thrown)).toMatchObject({
      message:
        'server.listen: cannot listen at 192.0.2.1:1025: this machine has no such address: 0.0.0.0 stands for all it has',
    })
  })

  it('is told as it is where the address is not what is wrong', () => {
    const bug = new TypeError('x is not a function')
    expect(listenProblem('admin.listen', { host: '::1', port: 1 }, bug)).toBe(bug)
  })
})
