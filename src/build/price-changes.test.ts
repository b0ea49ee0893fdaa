import { describe, expect, it } from 'vitest'
import { turnedClock } from '../../test/turned-clock.ts'
import { sourcesOnDisk } from '../config/sources.ts'
import { readConfigText } from './config-file.ts'
import { openLiveConfig } from './live-config.ts'

const file = '/nowhere/weir.yaml'

/** What a reload warns of, from one map of rows to another; each is `model: price`, the same for input and output. */
function warned(target: string, before: Rows, after: Rows): readonly string[] {
  const live = openLiveConfig(readConfigText(configOf(target, before), file), {
    configFile: file,
    sources: () => sourcesOnDisk({}, '/nowhere'),
    clock: turnedClock(),
    directory: () => ({ entities: [], keys: [] }),
    simulatedOrigin: 'http://127.0.0.1:0',
  })
  live.take(readConfigText(configOf(target, after), file))
  return live.warnings.filter((warning) => !warning.includes('no price'))
}

type Rows = Readonly<Record<string, string>>

function configOf(target: string, rows: Rows): string {
  const prices = Object.fromEntries(Object.entries(rows).map(([model, usd]) => [model, { input: usd, output: '1' }]))
  return JSON.stringify({
    providers: { local: { kind: 'simulated', prices } },
    models: { 'm/*': { targets: [{ provider: 'local', model: target }] } },
  })
}

describe('prices that a reload changes more than tenfold', () => {
  it.each<[string, string, Rows, Rows, string]>([
    ['a row with a plain name', '*', { 'sim-1': '1' }, { 'sim-1': '100' }, 'local/sim-1 goes from 1.000000000'],
    ['a row with a pattern', '*', { 'sim-*': '1' }, { 'sim-*': '0.01' }, 'local/sim-* goes from 1.000000000'],
    ['a row that overlaps', 'sim-*', { '*-1': '1' }, { '*-1': '11' }, 'local/*-1 goes from 1.000000000'],
    ['a row that is gone', '*', { '*': '1', 'sim-1': '100' }, { '*': '1' }, 'local/sim-1 goes from 100.000000000'],
    ['a plain target', 'sim-1', { '*': '1' }, { '*': '100' }, 'local/sim-1 goes from 1.000000000'],
  ])('are told of %s', (_what, target, before, after, words) => {
    expect(warned(target, before, after)).toEqual([expect.stringContaining(`model "m/*": the input price of ${words}`)])
  })

  it.each<[string, string, Rows, Rows]>([
    ['a row that no target leads to', 'sim-*', { other: '1' }, { other: '100' }],
    ['a change of tenfold or less', '*', { 'sim-1': '1' }, { 'sim-1': '10' }],
  ])('are not told of %s', (_what, target, before, after) => {
    expect(warned(target, before, after)).toEqual([])
  })

  it('are counted beyond the first fifty', () => {
    const rows = (usd: string) => Object.fromEntries(Array.from({ length: 60 }, (_, place) => [`sim-${place}`, usd]))
    const told = warned('*', rows('1'), rows('100'))
    expect(told).toHaveLength(51)
    expect(told.at(-1)).toBe('and 10 more changed prices like these')
  })
})
