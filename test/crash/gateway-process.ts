import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { calmly } from '../calmly.ts'
import { meansOf, type Death } from './crash-points.ts'
import { runNode, within, type NodeProcess, type ProcessEnd } from './node-process.ts'

/** A gateway that runs as its own process, as an operator would run it. */
export interface GatewayProcess {
  readonly process: NodeProcess
  /** Of the data listener. */
  readonly origin: string
  readonly adminOrigin: string
  /** Shown at this start, if one was made. */
  readonly firstKey: string | undefined
  readonly adminKey: string | undefined
  /** From the start of the process until it served. */
  readonly readyMs: number
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<ProcessEnd>
}

/** Where a gateway lives: its folder survives it. */
export interface GatewayHome {
  readonly dir: string
  readonly configFile: string
  readonly dataDir: string
  /** What the gateway logs, over all its lives. */
  readonly logFile: string
  /** The script that is run; another one to test a packaged gateway. */
  readonly mainFile?: string
  /** A limit of the system, in words of the shell: `-n 200`. */
  readonly ulimit?: string
  readonly env?: Readonly<Record<string, string>>
}

const sourceMain = resolve(import.meta.dirname, '../../src/main.ts')

/** @param config YAML below `server`, `admin` and `store`, which are set here. */
export function makeHome(
  dir: string,
  config: string,
  more: { readonly drainMs?: number; readonly workers?: number; readonly server?: string } & Pick<
    GatewayHome,
    'mainFile' | 'env' | 'ulimit'
  > = {},
): GatewayHome {
  const { drainMs = 5000, workers = 1, server = '', ...rest } = more
  const home = {
    ...rest,
    dir,
    configFile: join(dir, 'weir.yaml'),
    dataDir: join(dir, 'data'),
    logFile: join(dir, 'gateway.log'),
  }
  writeConfig(home, config, drainMs, workers, server)
  return home
}

/** @param server more keys of `server`, in YAML's flow style. */
export function writeConfig(home: GatewayHome, config: string, drainMs = 5000, workers = 1, server = ''): void {
  const fixed = [
    `server: { listen: 127.0.0.1:0, drainMs: ${drainMs}, workers: ${workers}, ${calmly(server)} }`,
    'admin: { listen: 127.0.0.1:0 }',
    `store: { dir: ${JSON.stringify(home.dataDir)} }`,
  ]
  writeFileSync(home.configFile, [...fixed, config].join('\n'))
}

/**
 * Starts a gateway and does not wait for it.
 * @param death how it is to end itself, if it is.
 */
export function launchGateway(home: GatewayHome, death: Death = { kind: 'random' }): NodeProcess {
  const { args, env } = meansOf(death)
  return runNode([...args, home.mainFile ?? sourceMain, 'serve', '--config', home.configFile], {
    listenTo: 'stderr',
    logFile: home.logFile,
    env: { ...home.env, ...env },
    ulimit: home.ulimit,
  })
}

/** Starts a gateway and waits until it serves. */
export async function startGatewayProcess(home: GatewayHome, death?: Death): Promise<GatewayProcess> {
  const startedMs = performance.now()
  const child = launchGateway(home, death)
  await child.hears(/Weir is running[\s\S]*\n\n$/)
  const banner = child.said()
  return {
    process: child,
    origin: found(banner, /clients +(http\S+)\/v1/) ?? '',
    adminOrigin: found(banner, /admin +(http\S+)/) ?? '',
    firstKey: found(banner, /Bearer (weir_\w+)/),
    adminKey: found(banner, /WEIR_ADMIN_KEY=(\S+)/),
    readyMs: performance.now() - startedMs,
    end: (signal) => {
      child.signal(signal)
      return within(`the gateway to end after ${signal}`, () => child.ended)
    },
  }
}

function found(text: string, pattern: RegExp): string | undefined {
  return pattern.exec(text)?.[1]
}
