import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

/*
 * Every fault of failures.md D3 that a gateway without Redis and Postgres can meet, and the test that does what its row
 * says. Several tests may cover a row; here stands the one over the whole gateway, where there is one.
 */
const cases = 'test/faults/cases'
const faults: Readonly<Record<number, readonly [file: string, name: string]>> = {
  1: [`${cases}/connect.ts`, 'fault 1: connect refused'],
  2: [`${cases}/connect.ts`, 'fault 2: a black hole swallows the SYN'],
  3: [`${cases}/connect.ts`, 'fault 3: a reset right behind the connect'],
  4: [`${cases}/connect.ts`, 'fault 4: a reset in the middle of the body'],
  5: [`${cases}/connect.ts`, 'fault 5: a reset after the body and before the head'],
  6: [`${cases}/cut.ts`, 'fault 6: a reset after the head and before the first event'],
  7: [`${cases}/cut.ts`, 'fault 7: a reset mid stream'],
  8: [`${cases}/cut.ts`, 'fault 8: a FIN without the terminal event'],
  9: [`${cases}/cut.ts`, 'fault 9: half-open, silence'],
  10: [`${cases}/slow.ts`, 'fault 10: one byte a second'],
  11: [`${cases}/slow.ts`, 'fault 11: 120 s to the first token'],
  12: [`${cases}/garbage.ts`, 'fault 12: a malformed line mid stream'],
  13: [`${cases}/garbage.ts`, 'fault 13: a body of truncated JSON'],
  14: [`${cases}/garbage.ts`, 'fault 14: a content-length too long or too short'],
  15: [`${cases}/garbage.ts`, 'fault 15: content-length and transfer-encoding together'],
  16: [`${cases}/garbage.ts`, 'fault 16: bombs'],
  17: [`${cases}/limited.ts`, 'fault 17: 429 with Retry-After'],
  18: ['test/journeys/routing.test.ts', 'fault 18: a circuit breaker'],
  19: ['test/journeys/failover.test.ts', 'fault 19 rests a refused credential'],
  20: [`${cases}/garbage.ts`, 'fault 20: an error object with status 200, HTML with status 500'],
  21: [`${cases}/garbage.ts`, 'fault 21: a redirect to an internal address'],
  22: [`${cases}/garbage.ts`, 'fault 22: usage absent, null, negative or 10^12'],
  23: ['test/journeys/network-faults.test.ts', 'fault 23: DNS'],
  24: ['test/journeys/network-faults.test.ts', 'fault 24: TLS that cannot be trusted'],
  28: ['test/faults/disk-full.test.ts', 'fault 28: spool, database and log'],
  29: ['test/faults/disk-broken.test.ts', 'fault 29: a disk that did not confirm once'],
  30: ['test/faults/disk-broken.test.ts', 'fault 30: a disk that is slow to confirm'],
  31: ['test/journeys/drain.test.ts', 'fault 31 with 500 streams ends readiness at once'],
  32: ['test/journeys/drain.test.ts', 'fault 32 a second one ends at once'],
  33: ['test/crash.test.ts', 'fault 33 fault 34 loses nothing'],
  34: ['test/crash.test.ts', 'fault 34 loses nothing'],
  35: ['test/faults/clock.test.ts', 'fault 35: a wall clock that jumps'],
  36: [`${cases}/reload.ts`, 'fault 36: a broken config is reloaded under load'],
  37: [`${cases}/reload.ts`, 'fault 37: a good config is reloaded a hundred times'],
  39: [`${cases}/clients.ts`, 'fault 39: a client that goes away at any phase'],
  40: [`${cases}/clients.ts`, 'fault 40: a client that reads one byte a second'],
  41: ['test/journeys/load.test.ts', 'fault 41 a stall of the event loop'],
  42: ['test/journeys/load.test.ts', 'fault 42 with memory at 90 %'],
  43: ['test/journeys/file-limit.test.ts', 'fault 43 the limit of file descriptors'],
}

const root = resolve(import.meta.dirname, '../..')

describe('every fault has its test', () => {
  it.each(Object.entries(faults))('fault %s', (number, [file, name]) => {
    expect(existsSync(join(root, file)), `${file} is not there`).toBe(true)
    const title = new RegExp(`['"\`](?:[A-Z]\\d+ |fault \\d+ )*${escaped(name)}`)
    expect(readFileSync(join(root, file), 'utf8'), `${file} has no test whose name begins so`).toMatch(title)
    expect(name).toMatch(new RegExp(`\\bfault ${number}\\b`))
  })

  it('a test that speaks of a fault speaks of one in the list', () => {
    const named = testFiles().flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/['"`](?:[A-Z]\d+ )*fault (\d+)\b/g)].map(([, number]) => ({
        file,
        number: Number(number),
      })),
    )
    expect(named.length).toBeGreaterThan(Object.keys(faults).length / 2)
    expect(named.filter(({ number }) => !(number in faults))).toEqual([])
  })
})

function testFiles(): readonly string[] {
  return ['src', 'test']
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((path) => join(folder, String(path))))
    .filter((path) => path.endsWith('.test.ts') && !path.endsWith(join('faults', 'index.test.ts')))
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
