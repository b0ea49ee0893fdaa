import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../canonical/clock.ts'
import { longestSettleMs, settleMs, watchFile, type FileWatch } from './watch.ts'

let dir: string
let open: FileWatch | undefined

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'weir-watch-'))
})
afterEach(async () => {
  await open?.close()
  open = undefined
  rmSync(dir, { recursive: true, force: true })
})

/** A clock that stands still, and tells when somebody begins or goes on to wait. */
function standingClock() {
  let nowMs = 0
  let waiting: { run: () => void; delayMs: number } | undefined
  let restarts = 0
  let noted: (() => void) | undefined
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after: (delayMs, then) => {
      waiting = { run: then, delayMs }
      noted?.()
      return {
        restart: () => {
          restarts += 1
          noted?.()
        },
        cancel: () => {
          waiting = undefined
        },
      }
    },
  }
  return {
    clock,
    waits: () => waiting?.delayMs,
    restarts: () => restarts,
    advance: (byMs: number) => {
      nowMs += byMs
    },
    noted: () =>
      new Promise<void>((done) => {
        noted = done
      }),
    fire: () => {
      const due = waiting
      waiting = undefined
      due?.run()
    },
  }
}

async function watched(file: string) {
  const time = standingClock()
  const changes: string[] = []
  const watch = watchFile(file, {
    clock: time.clock,
    onChange: () => changes.push('changed'),
    onProblem: (problem) => {
      throw problem
    },
  })
  open = watch
  await watch.ready
  /** Does something to the file, waits until it is noticed, and lets the time to settle pass. */
  const after = async (act: () => void): Promise<number> => {
    changes.length = 0
    const noticed = time.noted()
    act()
    await noticed
    time.fire()
    return changes.length
  }
  return { after, time, changes, watch }
}

describe('watchFile', () => {
  it('a file is written, renamed over, removed and made again: each is told', async () => {
    const file = join(dir, 'weir.yaml')
    writeFileSync(file, '1')
    const { after } = await watched(file)
    expect(await after(() => writeFileSync(file, '2'))).toBe(1)
    for (const text of ['3', '4']) {
      expect(
        await after(() => {
          writeFileSync(join(dir, '.weir.yaml.swp'), text)
          renameSync(join(dir, '.weir.yaml.swp'), file)
        }),
      ).toBe(1)
    }
    expect(await after(() => writeFileSync(file, '5'))).toBe(1)
    expect(await after(() => unlinkSync(file))).toBe(1)
    expect(await after(() => writeFileSync(file, '6'))).toBe(1)
  })

  it.each(['removed', 'left'])(
    'a ConfigMap is swapped by its links, the old folder %s: each swap is told',
    async (old) => {
      const mount = (revision: number): void => {
        mkdirSync(join(dir, `..${revision}`))
        writeFileSync(join(dir, `..${revision}`, 'weir.yaml'), String(revision))
        symlinkSync(`..${revision}`, join(dir, '..data_tmp'))
        renameSync(join(dir, '..data_tmp'), join(dir, '..data'))
        if (old === 'removed') rmSync(join(dir, `..${revision - 1}`), { recursive: true, force: true })
      }
      mount(1)
      symlinkSync('..data/weir.yaml', join(dir, 'weir.yaml'))
      const { after } = await watched(join(dir, 'weir.yaml'))
      for (const revision of [2, 3, 4]) expect(await after(() => mount(revision))).toBe(1)
    },
  )

  it('a file behind a link to another folder is edited in place: it is told', async () => {
    mkdirSync(join(dir, 'elsewhere'))
    mkdirSync(join(dir, 'here'))
    writeFileSync(join(dir, 'elsewhere', 'weir.yaml'), '1')
    symlinkSync('../elsewhere/weir.yaml', join(dir, 'here', 'weir.yaml'))
    const { after } = await watched(join(dir, 'here', 'weir.yaml'))
    expect(await after(() => writeFileSync(join(dir, 'elsewhere', 'weir.yaml'), '2'))).toBe(1)
  })

  it('changes close together are told once, and a file that never rests is told all the same', async () => {
    const file = join(dir, 'weir.yaml')
    writeFileSync(file, '1')
    const { time, changes } = await watched(file)
    const write = async (text: string): Promise<void> => {
      const noticed = time.noted()
      writeFileSync(file, text)
      await noticed
    }
    await write('2')
    expect(time.waits()).toBe(settleMs)
    await write('3')
    expect(time.restarts()).toBeGreaterThan(0)
    expect(changes).toEqual([])
    time.advance(longestSettleMs)
    const restarts = time.restarts()
    writeFileSync(file, '4')
    time.fire()
    expect(changes).toEqual(['changed'])
    expect(time.restarts()).toBe(restarts)
  })

  it('nothing is told after close, not even what was waiting', async () => {
    const file = join(dir, 'weir.yaml')
    writeFileSync(file, '1')
    const { time, changes, watch } = await watched(file)
    const noticed = time.noted()
    writeFileSync(file, '2')
    await noticed
    await watch.close()
    time.fire()
    expect(time.waits()).toBeUndefined()
    expect(changes).toEqual([])
  })
})
