import { join, resolve } from 'node:path'
import { runProgram } from '../../test/crash/node-process.ts'
import { pidsBelow } from '../processes.ts'
import type { Stack } from './stack.ts'
import { benchModel } from './weir-config.ts'

/** The least that forwarding costs on this runtime: what Weir has beyond it is its own. See bare-proxy.ts. */
export const bare: Stack = {
  name: 'bare node',
  start: async ({ tools, dir, providerPort, cores }) => {
    const script = resolve(import.meta.dirname, 'bare-proxy.ts')
    const child = runProgram(tools.pin, [cores, process.execPath, script, String(providerPort)], {
      listenTo: 'stdout',
      logFile: join(dir, 'bare.log'),
    })
    const [, port] = await child.hears(/listening (\d+)\n/)
    return {
      port: Number(port),
      pids: pidsBelow(child.pid),
      headers: [],
      modelName: benchModel,
      end: async () => {
        child.signal('SIGKILL')
        await child.ended
        return { problems: [] }
      },
    }
  },
}
