import { expect, it } from 'vitest'
import { openMemoryHolders } from '../../../test/memory-holders.ts'

const ofAcme = { kind: 'answer', organisation: 'acme', provider: 'a', credentialId: 'a#0' } as const
const ofOther = { kind: 'answer', organisation: 'other', provider: 'b', credentialId: 'b#0' } as const

it('knows who holds what, in the order asked', async () => {
  const holders = openMemoryHolders()
  holders.keep(['resp_1', 'msg_1'], ofAcme)
  holders.keep(['resp_2'], ofOther)
  expect(await holders.holdersOf(['resp_2', 'none', 'msg_1'])).toEqual([ofOther, undefined, ofAcme])
})

it('lets nobody take over what is another’s by naming it', async () => {
  const holders = openMemoryHolders()
  holders.keep(['conv_1'], ofAcme)
  holders.keep(['conv_1'], ofOther)
  expect(await holders.holdersOf(['conv_1'])).toEqual([ofAcme])
})

it('keeps no more in memory than its limit', async () => {
  const holders = openMemoryHolders(2)
  holders.keep(['resp_1', 'resp_2'], ofAcme)
  holders.keep(['resp_1'], ofAcme)
  holders.keep(['resp_3'], ofAcme)
  expect(await holders.holdersOf(['resp_1', 'resp_2', 'resp_3'])).toEqual([ofAcme, undefined, ofAcme])
})
