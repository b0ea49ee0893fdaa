import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pageOrigin, shownBlock, shownBlocks } from '../clients-page.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { ran } from '../tool-folder.ts'

/** The page is run as it stands: only the address is another, since the one on it may be taken. */
let weir: RunningGateway
const root = resolve(import.meta.dirname, '../..')

beforeAll(async () => {
  weir = await startGateway({
    config: `
providers:
  simulated: { kind: simulated, speed: instant }
models:
  demo: { targets: [{ provider: simulated, model: sim-1 }] }
`,
  })
})

afterAll(async () => {
  await weir.close()
})

describe('clients.md', () => {
  it.each(shownBlocks('ts', pageOrigin).map(({ heading }) => heading))(
    'has a program for %s that runs',
    async (heading) => {
      const program = shownBlock('ts', heading, weir.gateway.dataOrigin)
      const before = weir.finished.length
      const { code, output } = await ran(process.execPath, ['--input-type=module-typescript', '--eval', program], {
        cwd: root,
        timeoutMs: 60_000,
        env: { PATH: process.env['PATH'], KEY: weir.key },
      })
      const calls = weir.finished.length - before
      expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('This is a simulated answer') })
      expect(output.split('This is a simulated answer')).toHaveLength(calls + 1)
    },
  )

  it('has a program in Python for each client that `npm run journeys:python` runs, and each names the address', () => {
    const headings = shownBlocks('python', 'elsewhere').map(({ heading }) => heading)
    expect(headings).toEqual(['openai and anthropic', 'google-genai', 'litellm'])
    const all = ['ts', 'python', 'sh', 'toml'].flatMap((language) => shownBlocks(language, 'elsewhere'))
    expect(all.filter(({ text }) => !text.includes('elsewhere'))).toEqual([])
    expect(all).toHaveLength(13)
  })
})
