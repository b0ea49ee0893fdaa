import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from '../../test/crash/node-process.ts'
import { pidsBelow } from '../processes.ts'
import { upstream } from '../provider.ts'
import { freePort } from './nginx.ts'
import type { Stack } from './stack.ts'

const packageName = '@portkey-ai/gateway'

/**
 * A peer: Portkey's gateway, where it was installed from npm into a folder of its own. It checks no key, keeps no records and
 * writes no access log here: it forwards.
 * @throws Error when it is not in that folder.
 */
export function portkey(folder: string): Stack {
  const root = join(folder, 'node_modules', packageName)
  const script = join(root, 'build/start-server.js')
  if (!existsSync(script))
    throw new Error(`${packageName} is not in ${folder}: npm install --prefix ${folder} ${packageName}`)
  return {
    name: `portkey ${versionIn(root)}`,
    start: async ({ tools, dir, providerPort, cores }) => {
      const port = await freePort()
      const child = runProgram(tools.pin, [cores, process.execPath, script, '--headless', `--port=${port}`], {
        listenTo: 'stdout',
        logFile: join(dir, 'portkey.log'),
        env: { NODE_ENV: 'production', TRUSTED_CUSTOM_HOSTS: '127.0.0.1' },
      })
      await child.hears(/running|ready/i)
      return {
        port,
        pids: pidsBelow(child.pid),
        headers: [
          'x-portkey-provider: openai',
          `x-portkey-custom-host: http://127.0.0.1:${providerPort}/v1`,
          `authorization: Bearer ${upstream.secret}`,
        ],
        modelName: upstream.modelName,
        end: async () => {
          child.signal('SIGKILL')
          await child.ended
          return { problems: [] }
        },
      }
    },
  }
}

function versionIn(root: string): string {
  return /"version": *"([^"]+)"/.exec(readFileSync(join(root, 'package.json'), 'utf8'))?.[1] ?? 'of an unknown version'
}
