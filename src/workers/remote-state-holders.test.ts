import { expect, it } from 'vitest'
import { openMemoryHolders } from '../../test/memory-holders.ts'
import { openRemoteStateHolders } from './remote-state-holders.ts'

const holder = { kind: 'answer', organisation: 'acme', provider: 'a', credentialId: 'a#0' } as const

it('what one worker keeps is known to the primary, and to every other worker', async () => {
  const primary = openMemoryHolders()
  const link = {
    tell: (_word: string, said: unknown) => {
      const { ids, holder: holding } = JSON.parse(JSON.stringify(said))
      primary.keep(ids, holding)
    },
    ask: async (_word: string, asked: unknown) => {
      const found = await primary.holdersOf(JSON.parse(JSON.stringify(asked)))
      return JSON.parse(JSON.stringify(found.map((one) => one ?? null)))
    },
  }
  const [one, other] = [openRemoteStateHolders(link), openRemoteStateHolders(link)]
  one.keep(['resp_1'], holder)
  expect(await other.holdersOf(['resp_0', 'resp_1'])).toEqual([undefined, holder])
})
