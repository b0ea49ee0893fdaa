import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { runProgram, within } from '../../test/crash/node-process.ts'
import { upstream } from '../provider.ts'
import type { Stack } from './stack.ts'

/** The yardstick. It sets the credential and forwards, and does nothing else. */
export const nginx: Stack = {
  name: 'nginx',
  start: async ({ tools, dir, providerPort, cores }) => {
    const port = await freePort()
    const configFile = join(dir, 'nginx.conf')
    writeFileSync(configFile, configOf(dir, port, providerPort))
    const child = runProgram(tools.pin, [cores, 'nginx', '-p', dir, '-e', join(dir, 'nginx.log'), '-c', configFile], {
      listenTo: 'stderr',
      logFile: join(dir, 'nginx.log'),
    })
    await within('nginx to listen', () => canConnect(port))
    return {
      port,
      pids: [child.pid],
      headers: ['authorization: Bearer a-client-key'],
      modelName: upstream.modelName,
      end: async () => {
        child.signal('SIGKILL')
        await child.ended
        return { problems: [] }
      },
    }
  },
}

export function hasNginx(): boolean {
  return spawnSync('nginx', ['-v']).error === undefined
}

/** One process, connections kept on both sides, nothing written to disk, events passed on as they come. */
function configOf(dir: string, port: number, providerPort: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `
    daemon off;
    master_process off;
    pid ${join(dir, 'nginx.pid')};
    worker_rlimit_nofile 20000;
    events { worker_connections 10000; }
    http {
      access_log off;
      ${temporary.map((name) => `${name}_temp_path ${join(dir, `${name}-temp`)};`).join('\n      ')}
      keepalive_requests 100000000;
      client_body_buffer_size 256k;
      upstream provider {
        ${['127.0.0.1', '127.0.0.2', '127.0.0.3'].map((host) => `server ${host}:${providerPort};`).join('\n        ')}
        keepalive 512;
        keepalive_requests 100000000;
      }
      server {
        listen 127.0.0.1:${port} backlog=8192;
        location / {
          proxy_pass http://provider;
          proxy_http_version 1.1;
          proxy_set_header Connection "";
          proxy_set_header Authorization "Bearer ${upstream.secret}";
          proxy_buffering off;
          proxy_read_timeout 300s;
        }
      }
    }`
}

async function canConnect(port: number): Promise<void> {
  for (;;) {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
    const isOpen = await promise
    socket.destroy()
    if (isOpen) return
    const { promise: pause, resolve: goOn } = Promise.withResolvers<void>()
    setTimeout(goOn, 20)
    await pause
  }
}

/** For what cannot choose a port itself and tell it. */
export function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const server = createServer().on('error', reject)
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
  })
  return promise
}
