import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readModelName } from '../../src/providers/simulated/behaviour.ts'
import { startGateway } from '../gateway-fixture.ts'
import type { RunningGateway } from '../gateway-fixture.ts'
import { root, tableOf, plain, firstCells } from './read-pages.ts'

describe('simulated-provider.md', () => {
  it('tells every parameter, and no other', () => {
    const source = readFileSync(join(root, 'src/providers/simulated/behaviour.ts'), 'utf8')
    const [grammar = ''] = /const parameters = z\.strictObject\(\{[\s\S]*?\n\}\)/.exec(source) ?? []
    const known = [...grammar.matchAll(/^ {2}([a-z_]+):/gm)].map((line) => line[1] ?? '')
    const told = firstCells(tableOf('docs/simulated-provider.md', ['Parameter', 'Value', 'Meaning']))
    expect(told).toEqual(known)
    expect(readModelName('sim-1?no_such_parameter=1').isValid).toBe(false)
  })

  describe('what becomes of it', () => {
    const head = ['Model name', 'Stream', 'Client sees', 'Code', 'Record', 'Class', '`usageSource`']
    const rows = tableOf('docs/simulated-provider.md', head).map((row) => row.map(plain))
    let weir: RunningGateway

    beforeAll(async () => {
      const providers = "simulated: { kind: simulated, speed: instant, prices: { '*': { input: '1', output: '4' } } }"
      const target = "targets: [{ provider: simulated, model: '*' }]"
      weir = await startGateway({
        config: `
providers: { ${providers} }
models:
  calm/*: { ${target} }
  hurried/*: { ${target}, deadlines: { firstByteMs: 300, firstByteUnaryMs: 300, idleMs: 300 } }
`,
      })
    })
    afterAll(() => weir.close())

    it.each(rows)('%s, stream: %s', async (modelName = '', stream, sees = '', code = '', ...recorded) => {
      // What falls silent is waited for until a deadline; all else has time enough on the slowest machine.
      const catalogName = modelName.includes('stall') ? 'hurried' : 'calm'
      const asked = weir.finished.length
      const answer = await fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          model: `${catalogName}/${modelName}`,
          stream: stream === 'yes',
          messages: [{ role: 'user', content: 'Hello' }],
        }),
      })
      const text = await answer.text()
      await weir.ended(asked + 1)
      const record = weir.finished.at(-1)?.records.at(-1)
      const told = /"code":"([a-z_]+)"/.exec(text)?.[1] ?? ''
      const status = `${answer.status}${answer.ok && told !== '' ? ', error in the stream' : ''}`
      expect([status, told, record?.status, record?.failureClass ?? '', record?.usageSource]).toEqual([
        sees,
        code,
        ...recorded,
      ])
    })
  })
})
