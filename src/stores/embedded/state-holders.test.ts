import { expect, it } from 'vitest'
import { openStateHolders } from './state-holders.ts'

const ofAcme = { organisation: 'acme', provider: 'a', credentialId: 'a#0' }
const ofOther = { organisation: 'other', provider: 'b', credentialId: 'b#0' }

it('knows who holds what, in the order asked', async () => {
  const holders = openStateHolders()
  holders.keep(['resp_1', 'msg_1'], ofAcme)
  holders.keep(['resp_2'], ofOther)
  expect(await holders.holdersOf(['resp_2', 'none', 'msg_1'])).toEqual([ofOther, undefined, ofAcme])
})

it('lets nobody take over what is another’s by naming it', async () => {
  const holders = openStateHolders()
  holders.keep(['conv_1'], ofAcme)
  holders.keep(['conv_1'], ofOther)
  expect(await holders.holdersOf(['conv_1'])).toEqual([ofAcme])
})

it('forgets the oldest beyond its limit', async () => {
  const holders = openStateHolders(2)
  holders.keep(['resp_1', 'resp_2'], ofAcme)
  holders.keep(['resp_1'], ofAcme)
  holders.keep(['resp_3'], ofAcme)
  expect(await holders.holdersOf(['resp_1', 'resp_2', 'resp_3'])).toEqual([ofAcme, undefined, ofAcme])
})
