import { describe, expect, it } from 'vitest'
import type { KeptObject } from '../ports/state-holders.ts'
import type { LawBench } from './law-bench.ts'
import { sampleOrganisation } from './sample-records.ts'

/** What is kept under a name stays its owner's, over a restart too. */
export function stateLaws(bench: LawBench): void {
  describe('kept state', () => {
    it('is known after a restart: answers and objects', async () => {
      bench.stores.stateHolders.keep(['resp_1', 'msg_1'], acmes.holder)
      expect(await bench.stores.stateHolders.keepObject(object('file-1', 1))).toBe(true)
      await bench.reopen()
      const { stateHolders } = bench.stores
      expect(await stateHolders.holdersOf(['msg_1', 'none', 'file-1', 'resp_1'])).toEqual([
        acmes.holder,
        undefined,
        object('file-1', 1).holder,
        acmes.holder,
      ])
    })

    it('stays with the organisation that kept a name first', async () => {
      const { stateHolders } = bench.stores
      await stateHolders.keepObject(object('file-1', 1))
      expect(await stateHolders.keepObject(object('file-1', 2, 'other'))).toBe(false)
      expect(await stateHolders.holdersOf(['file-1'])).toEqual([object('file-1', 1).holder])
    })

    it('is listed by organisation, kind and provider, the newest first, page by page', async () => {
      const { stateHolders } = bench.stores
      for (const at of [1, 2, 3]) await stateHolders.keepObject(object(`file-${at}`, at))
      await stateHolders.keepObject(object('file-4', 4, 'other'))
      stateHolders.keep(['resp_1'], acmes.holder)
      const question = { organisation: 'acme', kind: 'file', providers: ['a'], limit: 2 } as const
      expect(await stateHolders.objectsOf({ ...question, after: undefined })).toEqual(['file-3', 'file-2'])
      expect(await stateHolders.objectsOf({ ...question, after: 'file-2' })).toEqual(['file-1'])
      expect(await stateHolders.objectsOf({ ...question, after: undefined, kind: 'answer' })).toEqual([])
      expect(await stateHolders.objectsOf({ ...question, after: undefined, providers: ['b'] })).toEqual([])
    })

    it('keeps its place in lists when it is seen again', async () => {
      const { stateHolders } = bench.stores
      const seen = [object('file-1', 1), object('file-2', 2), object('file-1', 3)]
      for (const one of seen) await stateHolders.keepObject(one)
      const question = { organisation: 'acme', kind: 'file', providers: ['a'], limit: 2, after: undefined } as const
      expect(await stateHolders.objectsOf(question)).toEqual(['file-2', 'file-1'])
    })

    it('is unknown once it is forgotten', async () => {
      await bench.stores.stateHolders.keepObject(object('file-1', 1))
      await bench.stores.stateHolders.forget('file-1')
      expect(await bench.stores.stateHolders.holdersOf(['file-1'])).toEqual([undefined])
    })

    it('is nobody’s once its organisation is removed, whoever is given its name', async () => {
      const organisation = sampleOrganisation('acme')
      const { stateHolders } = bench.stores
      await bench.change({ kind: 'put-entity', entity: organisation, mustBeNew: true })
      await stateHolders.keepObject(object('file-1', 1))
      await stateHolders.keepObject(object('file-2', 2, 'other'))
      stateHolders.keep(['resp_1'], acmes.holder)
      await bench.change({ kind: 'remove-entity', entity: organisation })
      await bench.change({ kind: 'put-entity', entity: organisation, mustBeNew: true })
      const question = { organisation: 'acme', kind: 'file', providers: ['a'], limit: 2, after: undefined } as const
      expect(await stateHolders.objectsOf(question)).toEqual([])
      const names = ['file-1', 'resp_1', 'file-2']
      const known = [undefined, undefined, object('file-2', 2, 'other').holder]
      expect(await stateHolders.holdersOf(names)).toEqual(known)
      await bench.reopen()
      expect(await bench.stores.stateHolders.holdersOf(names)).toEqual(known)
    })

    it('is settled once, and by its own key where it names one', async () => {
      const { stateHolders } = bench.stores
      const open = '{"keyId":"k"}'
      await stateHolders.keepObject({ ...object('batch_1', 1), open })
      const asked = { id: 'batch_1', keyId: 'k' }
      for (const look of [stateHolders.openOf, stateHolders.takeOpen])
        expect(await look({ ...asked, keyId: 'other' })).toBe(undefined)
      expect([await stateHolders.openOf(asked), await stateHolders.takeOpen(asked)]).toEqual([open, open])
      expect([await stateHolders.openOf(asked), await stateHolders.takeOpen(asked)]).toEqual([undefined, undefined])
      await stateHolders.keepObject({ ...object('file-1', 1), open: '{"batch":"batch_1"}' })
      for (const keyId of ['k', 'other'])
        expect(await stateHolders.openOf({ id: 'file-1', keyId })).toBe('{"batch":"batch_1"}')
    })

    it('of answers is forgotten when providers have forgotten it too', async () => {
      const { stateHolders } = bench.stores
      const day = 86_400_000
      await stateHolders.keepObject({ ...acmes, id: 'resp_old', keptAtMs: day })
      await stateHolders.keepObject(object('file-old', day))
      await stateHolders.keepObject({ ...acmes, id: 'resp_new', keptAtMs: 40 * day })
      await bench.reopen()
      const found = await bench.stores.stateHolders.holdersOf(['resp_old', 'file-old', 'resp_new'])
      expect(found.map((one) => one?.kind)).toEqual([undefined, 'file', 'answer'])
    })

    it('of items of a conversation outlives the answers they came with', async () => {
      const { stateHolders } = bench.stores
      const day = 86_400_000
      const item = { ...acmes.holder, kind: 'item' } as const
      await stateHolders.keepObject({ ...acmes, id: 'msg_first', holder: item, keptAtMs: day })
      await stateHolders.keepObject({ ...acmes, id: 'msg_later', keptAtMs: day })
      await stateHolders.keepObject({ ...acmes, id: 'msg_later', holder: item, keptAtMs: day })
      await stateHolders.keepObject({ ...acmes, id: 'msg_first', keptAtMs: day })
      await stateHolders.keepObject({ ...acmes, id: 'resp_new', keptAtMs: 40 * day })
      await bench.reopen()
      const found = await bench.stores.stateHolders.holdersOf(['msg_first', 'msg_later'])
      expect(found.map((one) => one?.kind)).toEqual(['item', 'item'])
    })
  })
}

const acmes: KeptObject = {
  id: 'resp_1',
  holder: { kind: 'answer', organisation: 'acme', provider: 'a', credentialId: 'a#0' },
  keptAtMs: 0,
  open: undefined,
}

function object(id: string, keptAtMs: number, organisation = 'acme'): KeptObject {
  return { id, holder: { ...acmes.holder, kind: 'file', organisation }, keptAtMs, open: undefined }
}
