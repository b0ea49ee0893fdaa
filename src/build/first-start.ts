import type { Clock } from '../canonical/clock.ts'
import type { DirectoryContents, Entity } from '../stores/ports/directory.ts'
import type { Stores } from '../stores/ports/stores.ts'

const organisation = 'default'

/**
 * Makes a first organisation and a first key when nobody has any: neither the config nor the directory knows a key.
 * @returns the key, to be shown once; `undefined` when there was nothing to do.
 */
export async function makeFirstKey(
  stores: Stores,
  config: DirectoryContents,
  makeKey: () => { readonly key: string; readonly id: string; readonly hash: string; readonly last4: string },
  clock: Clock,
): Promise<string | undefined> {
  const { entities, keys } = stores.directory.contents()
  // The organisation alone is what a first start leaves behind that died before it made the key.
  const isOurs = (entity: Entity) => entity.kind === 'organisation' && entity.name === organisation
  if (config.keys.length > 0 || keys.length > 0 || !entities.every(isOurs)) return undefined
  const atMs = clock.nowMs()
  const event = { atMs, actor: 'system', detail: JSON.stringify({ why: 'first start' }) }
  // An organisation of the config file is there already, and is not ours to make.
  if (!config.entities.some(isOurs))
    await stores.directory.change(
      {
        kind: 'put-entity',
        entity: {
          kind: 'organisation',
          name: organisation,
          organisation: undefined,
          team: undefined,
          models: undefined,
          require: undefined,
          limits: undefined,
          budgets: undefined,
          timezone: undefined,
          createdAtMs: atMs,
        },
        mustBeNew: entities.length === 0,
      },
      { ...event, action: 'organisation.create', target: `organisation ${organisation}` },
    )
  const { key, id, hash, last4 } = makeKey()
  await stores.directory.change(
    {
      kind: 'add-key',
      key: {
        id,
        name: 'first',
        hash,
        last4,
        organisation,
        team: undefined,
        project: undefined,
        user: undefined,
        agent: undefined,
        models: undefined,
        require: undefined,
        limits: undefined,
        budgets: undefined,
        createdAtMs: atMs,
        expiresAtMs: undefined,
        lifetimeMs: undefined,
        revokedAtMs: undefined,
      },
    },
    { ...event, action: 'key.create', target: `key ${id}` },
  )
  return key
}
