import type { StateHolders } from '../stores/ports/state-holders.ts'
import type { Link } from './link.ts'
import type { PrimaryAnswers, WorkerTells } from './protocol.ts'

/** As a worker sees them: the primary keeps them, so that a later call may come to any worker. */
export function openRemoteStateHolders(link: Pick<Link<PrimaryAnswers, WorkerTells>, 'ask' | 'tell'>): StateHolders {
  return {
    keep: (ids, holder) => link.tell('keep-state', { ids, holder }),
    keepObject: (object) => link.ask('keep-object', object),
    holdersOf: async (ids) => (await link.ask('state-holders', ids)).map((holder) => holder ?? undefined),
    objectsOf: (question) => link.ask('objects-of', question),
    forget: async (id) => void (await link.ask('forget-object', id)),
    openOf: async (asked) => (await link.ask('find-open', asked)) ?? undefined,
    takeOpen: async (asked) => (await link.ask('take-open', asked)) ?? undefined,
  }
}
