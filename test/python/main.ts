import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../../src/canonical/clock.ts'
import { reasonOf } from '../../src/canonical/reason-of.ts'
import { startSimulated } from '../../src/providers/simulated/serve.ts'
import { shownBlocks } from '../clients-page.ts'
import { startGateway } from '../gateway-fixture.ts'
import { ran } from '../tool-folder.ts'

/**
 * `npm run journeys:python`: Python's clients at a gateway (`clients.py`), with the simulated provider behind it, reached by four dialects. Their
 * packages are installed once, in a virtual environment outside the repository, which takes minutes on a busy machine: `--cached` uses
 * one that is there and installs none. Where Python or pip do not work, that is said, and nothing is tried; where a check
 * fails, the exit code is 1.
 */
const { values } = parseArgs({ options: { cached: { type: 'boolean', default: false } } })
const installTimeoutMs = 600_000
const journeysTimeoutMs = 300_000
const here = import.meta.dirname
const requirements = join(here, 'requirements.txt')
const python = await virtualEnvironment()
if (python !== undefined) process.exitCode = await journeys(python)

/** @returns its Python; `undefined`: there is none to be had, which was said. */
async function virtualEnvironment(): Promise<string | undefined> {
  const given = process.env['WEIR_PYTHON_VENV']
  if (given !== undefined) return join(given, 'bin', 'python')
  const version = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12)
  const parent = join(homedir(), '.cache', 'weir')
  const dir = join(parent, `python-${version}`)
  if (existsSync(dir)) return join(dir, 'bin', 'python')
  if (values.cached) return absent(`there is no ${dir}, and --cached installs none`)
  // Scripts in it name its path, but its Python does not: only that is used, so that it may be moved when it is whole.
  const unfinished = `${dir}-${process.pid}`
  mkdirSync(parent, { recursive: true })
  const startedAt = performance.now()
  const steps = [
    ['python3', '-m', 'venv', unfinished],
    [
      join(unfinished, 'bin', 'python'),
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '-r',
      requirements,
    ],
  ] as const
  for (const [program, ...words] of steps) {
    const { code, output } = await tried(program, words)
    if (code === 0) continue
    rmSync(unfinished, { recursive: true, force: true })
    return absent(`${program} ${words.join(' ')}: ${output.slice(-500)}`)
  }
  renameSync(unfinished, dir)
  console.log(`installed ${requirements} into ${dir} in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
  return join(dir, 'bin', 'python')
}

function absent(why: string): undefined {
  console.warn(`PYTHON ABSENT: Python's clients were not tried: ${why}`)
}

async function tried(program: string, words: readonly string[]): ReturnType<typeof ran> {
  try {
    return await ran(program, words, { cwd: here, timeoutMs: installTimeoutMs })
  } catch (thrown) {
    // The program is not there.
    return { code: undefined, output: reasonOf(thrown) }
  }
}

async function journeys(program: string): Promise<number> {
  const simulated = await startSimulated({ clock: systemClock, speed: 'instant' })
  const key = 'credentials: { apiKey: env:KEY }'
  const fails = (name: string, query: string) => `  ${name}: { targets: [{ provider: chat, model: 'sim-1?${query}' }] }`
  const weir = await startGateway({
    env: { KEY: 'provider-key' },
    config: `
providers:
  chat: { kind: openai-compatible, baseUrl: "${simulated.origin}/v1" }
  messages: { kind: anthropic, baseUrl: "${simulated.origin}", ${key} }
  responses: { kind: openai, baseUrl: "${simulated.origin}/v1", ${key} }
  generate: { kind: gemini, baseUrl: "${simulated.origin}", ${key} }
models:
${['chat', 'messages', 'responses', 'generate'].map((name) => `  ${name}: { targets: [{ provider: ${name}, model: sim-1 }] }`).join('\n')}
${['429', '500', '503'].map((status) => fails(`fails-${status}`, `status=${status}`)).join('\n')}
  demo: { targets: [{ provider: chat, model: sim-1 }] }
${fails('fails-later', 'error_after=2')}
`,
  })
  const shown = shownBlocks('python', weir.gateway.dataOrigin)
  try {
    const { code } = await ran(program, ['-u', join(here, 'clients.py')], {
      cwd: here,
      timeoutMs: journeysTimeoutMs,
      env: { ...process.env, ORIGIN: weir.gateway.dataOrigin, KEY: weir.key, SHOWN: JSON.stringify(shown) },
      onOutput: (text) => process.stdout.write(text),
    })
    return code ?? 1
  } finally {
    await weir.close()
    await simulated.close()
  }
}
