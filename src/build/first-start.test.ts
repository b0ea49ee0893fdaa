import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../canonical/clock.ts'
import { directoryOfConfig } from '../policies/identity/from-config.ts'
import { makeKey } from '../policies/identity/key.ts'
import { openEmbedded, type EmbeddedStores } from '../stores/embedded/open-embedded.ts'
import type { DirectoryContents, Entity } from '../stores/ports/directory.ts'
import { makeFirstKey } from './first-start.ts'

describe('the first key', () => {
  let dir: string
  let stores: EmbeddedStores | undefined

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'weir-first-'))
  })
  afterEach(async () => {
    await stores?.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it('is made once', async () => {
    expect(await firstKeyOn(nothing)).toMatch(/^weir_/)
    expect(await firstKeyOn(nothing)).toBeUndefined()
  })

  it('is still made when the first start died between the organisation and its key', async () => {
    await make(organisation('default'))
    expect(await firstKeyOn(nothing)).toMatch(/^weir_/)
  })

  it('is made under an organisation that the config names', async () => {
    expect(await firstKeyOn(directoryOfConfig({ default: {} }))).toMatch(/^weir_/)
  })

  it('is not made for somebody who has made organisations, or keys in the config', async () => {
    const key = { hash: `hmac:${'a'.repeat(64)}` }
    expect(await firstKeyOn(directoryOfConfig({ acme: { keys: { ci: key } } }))).toBeUndefined()
    await make(organisation('acme'))
    expect(await firstKeyOn(nothing)).toBeUndefined()
  })

  async function firstKeyOn(config: DirectoryContents): Promise<string | undefined> {
    return makeFirstKey(
      await open(config),
      config,
      () => {
        const made = makeKey(randomBytes)
        return { ...made, hash: 'a'.repeat(64) }
      },
      systemClock,
    )
  }

  async function make(entity: Entity): Promise<void> {
    const { directory } = await open(nothing)
    const event = { atMs: 1, actor: 'admin', action: 'organisation.create', target: entity.name, detail: '{}' }
    await directory.change({ kind: 'put-entity', entity, mustBeNew: true }, event)
  }

  async function open(config: DirectoryContents): Promise<EmbeddedStores> {
    await stores?.close()
    stores = await openEmbedded({
      dir,
      clock: systemClock,
      onFailure: (failure) => {
        throw failure
      },
      isConfigured: ({ kind, name }) => config.entities.some((entity) => entity.kind === kind && entity.name === name),
    })
    return stores
  }
})

const nothing: DirectoryContents = { entities: [], keys: [] }

function organisation(name: string): Entity {
  return {
    kind: 'organisation',
    name,
    organisation: undefined,
    team: undefined,
    models: undefined,
    require: undefined,
    limits: undefined,
    budgets: undefined,
    timezone: undefined,
    createdAtMs: 1,
  }
}
