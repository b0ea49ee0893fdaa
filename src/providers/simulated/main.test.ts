import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { at } from './laws/post.ts'

it('C10: as a process of its own it tells its origin, and its log survives a kill', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'weir-simulated-'))
  const logFile = join(dir, 'provider.jsonl')
  const main = join(import.meta.dirname, 'main.ts')
  const child = spawn(process.execPath, [main, '--port', '0', '--log', logFile, '--speed', 'instant'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [line] = await once(child.stdout, 'data')
    const { origin } = JSON.parse(String(line))
    for (const requestId of ['r1', 'r2']) {
      const answer = await fetch(`${origin}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'x-weir-request-id': requestId, 'x-weir-attempt': '1' },
        body: JSON.stringify({ model: 'sim-1?tokens=7', messages: [{ role: 'user', content: 'hi' }] }),
      })
      expect(at(await answer.json(), 'usage', 'completion_tokens')).toBe(7)
    }
    // It is logged once the answer has ended, which its client may see first.
    while (readFileSync(logFile, 'utf8').split('\n').length <= 2)
      await new Promise((resolve) => void setImmediate(resolve))
    child.kill('SIGKILL')
    await once(child, 'exit')
    const entries = readFileSync(logFile, 'utf8').trimEnd().split('\n')
    expect(entries.map((entry) => JSON.parse(entry))).toMatchObject([
      { requestId: 'r1', attempt: '1', outputTokens: 7, billed: { outputText: 7, inputUncached: 4 }, ended: 'whole' },
      { requestId: 'r2' },
    ])
  } finally {
    child.kill('SIGKILL')
    rmSync(dir, { recursive: true })
  }
})

it('an option that it does not know is told in a sentence', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), '--prot', '0'])
  const said: string[] = []
  child.stderr.on('data', (bytes) => said.push(String(bytes)))
  const [code] = await once(child, 'close')
  expect([code, said.join('')]).toEqual([1, "error: unknown option '--prot'\n(Did you mean --port?)\n"])
})
