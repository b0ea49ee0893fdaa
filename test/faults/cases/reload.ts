import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import type { House } from '../house.ts'
import { texts } from '../surroundings.ts'
import { readAnswer, type FaultCase, type Trial } from '../trial.ts'

/** What an operator does to the config while calls run. */
export const reloadCases: readonly FaultCase[] = [
  {
    fault: 36,
    name: 'fault 36: a broken config is reloaded under load -> S11 the old one stays, no call fails, and the refusal is loud',
    run: async (trial) => {
      const { house } = trial
      const good = readFileSync(house.configFile, 'utf8')
      const before = await reload(house)
      await using load = startLoad(trial)
      for (const [broken, told] of [
        [`${good}\nmodels: {`, /weir\.yaml:\d+:\d+ /],
        [`${good}\nmodells: {}`, /did you mean "?models/],
        [good.replace('FAULTS_KEY', 'NOT_THERE'), /NOT_THERE/],
        [good.replace('provider: one', 'provider: onne'), /did you mean "one"/],
        [`${good}\n  ${'x'.repeat(1024 * 1024)}: {}`, /weir\.yaml:\d+:\d+ /],
        [good.replace('input: "1"', 'input: "-1"'), /weir\.yaml:\d+:\d+ /],
        ['', /weir\.yaml/],
      ] as const) {
        writeFileSync(house.configFile, broken)
        const refused = await reload(house)
        assert.equal(refused.status, 409, refused.text)
        assert.match(refused.text, told)
        assert.ok(refused.text.includes(before.version), 'the answer says which version stays')
        await load.more(5)
      }
      const refusals = house.logged().match(/"level":50[^\n]*the last good one stays in force/g) ?? []
      assert.ok(refusals.length >= 7, house.logged())
      // Ten times the price may be meant so: it is taken, and told.
      writeFileSync(house.configFile, good.replace('input: "1"', 'input: "10"'))
      assert.equal((await reload(house)).status, 200)
      writeFileSync(house.configFile, good)
      assert.equal((await reload(house)).version, before.version)
      await load.end()
    },
  },
  {
    fault: 37,
    name: 'fault 37: a good config is reloaded a hundred times under load -> no call is dropped, each record names its version',
    run: async (trial) => {
      const { house } = trial
      const good = readFileSync(house.configFile, 'utf8')
      const versions = new Set([(await reload(house)).version])
      await using load = startLoad(trial)
      for (let round = 1; round <= 100; round += 1) {
        writeFileSync(house.configFile, `${good}\n# ${round}`)
        const { status, version } = await reload(house)
        assert.equal(status, 200)
        versions.add(version)
        if (round % 10 === 0) await load.more(2)
      }
      writeFileSync(house.configFile, good)
      await reload(house)
      const named = await load.end()
      assert.equal(versions.size, 101)
      assert.deepEqual(
        named.filter((version) => !versions.has(version)),
        [],
      )
      assert.ok(new Set(named).size > 5, 'the load met few of the versions')
    },
  },
]

/** Four clients that ask and ask, streams and whole answers. Every answer must be whole. */
function startLoad({ ask, ends }: Trial) {
  const versions: string[] = []
  const state = { isOver: false }
  const client = async (place: number) => {
    while (!state.isOver) {
      const stream = place % 2 === 0
      const { status, text, records } = await ends(ask('calm', { stream }))
      assert.deepEqual([status, readAnswer(text, 'chat', stream)], [200, { text: texts.one, isEnded: true }])
      versions.push(...records.map(({ configVersion }) => configVersion))
    }
  }
  const clients = Promise.all([0, 1, 2, 3].map(client))
  // Heard at the latest by `end`.
  clients.catch(() => undefined)
  return {
    /** Waits until so many more have ended well. */
    more: async (count: number) => {
      const until = versions.length + count
      await Promise.race([clients, reached(() => versions.length >= until)])
    },
    end: async () => {
      state.isOver = true
      await clients
      return versions
    },
    [Symbol.asyncDispose]: async () => {
      state.isOver = true
      await clients.catch(() => undefined)
    },
  }
}

async function reached(isThere: () => boolean): Promise<void> {
  while (!isThere()) await new Promise((resolve) => setImmediate(resolve))
}

async function reload(house: House): Promise<{ status: number; text: string; version: string }> {
  const answer = await fetch(`${house.adminOrigin}/api/config/reload`, {
    method: 'POST',
    headers: { authorization: `Bearer ${house.adminKey}`, 'content-type': 'application/json' },
    body: '{}',
  })
  const text = (await answer.text()).replaceAll('\\"', '"')
  return { status: answer.status, text, version: /"version":"(\w+)"/.exec(text)?.[1] ?? '' }
}
