import { describe, expect, it } from 'vitest'
import { turnedClock } from '../../test/turned-clock.ts'
import { openCrew, spareRetryMs, type CrewNews, type Start } from './crew.ts'
import { pulseMs, stuckMs } from './pulse.ts'
import type { Work } from './balance.ts'
import { openMember, type Member } from './member.ts'
import type { LinkMessage } from './link.ts'
import type { WorkerProcess } from './process-port.ts'
import type { Orders } from './protocol.ts'

/** A process that does what the test says: it answers every ask but those it is told to leave waiting. */
interface FakeProcess extends WorkerProcess {
  readonly member: Member
  serve(): void
  /** It asks what it is to do, and serves when it knows. */
  load(): void
  readonly how: Start
  cannotServe(problem: string): void
  die(how?: string): void
  isMute: boolean
  /** What it says that it has to do. */
  work: Work
  /** Names of what it was told. */
  readonly told: string[]
}

function openHouse() {
  const clock = turnedClock()
  const started: FakeProcess[] = []
  const news: string[] = []
  const ended: string[] = []
  /** Those that somebody waits for, as often as it was told. */
  const needed: number[] = []
  /** What each new process does at once. */
  const house = { begins: (process: FakeProcess): void => (process.how === 'spare' ? process.load() : process.serve()) }
  const start = (how: Start): Member => {
    const pid = started.length + 1
    let hear: (batch: unknown) => void = () => {}
    let onExit: (how: string) => void = () => {}
    let isDead = false
    const say = (...batch: readonly LinkMessage[]) => setImmediate(() => isDead || hear(batch))
    const process: FakeProcess = {
      pid,
      isMute: false,
      work: { calls: 0, overMs: pulseMs, connections: 0 },
      told: [],
      get member() {
        return member
      },
      send: (batch, then) => {
        setImmediate(() => {
          then()
          for (const message of batch) {
            if (message.kind === 'tell') process.told.push([message.name, message.note].join(' ').trim())
            if (message.kind === 'ask' && !process.isMute) {
              const value = message.verb === 'pulse' ? process.work : message.verb
              say({ kind: 'answer', id: message.id, verb: message.verb, value })
            }
            if (message.kind === 'answer') process.serve()
            if (message.kind === 'tell' && message.name === 'leave') process.die('ended with code 0')
          }
        })
      },
      onBatch: (then) => void (hear = then),
      onExit: (then) => void (onExit = then),
      kill: () => process.die('killed by SIGKILL'),
      how,
      load: () => say({ kind: 'ask', id: 1, verb: 'begin', takes: undefined }),
      serve: () => say({ kind: 'tell', name: 'serving', note: { origin: 'http://127.0.0.1:1' } }),
      cannotServe: (problem) => say({ kind: 'tell', name: 'cannot-serve', note: { problem } }),
      die: (how = 'killed by SIGSEGV') => {
        if (isDead) return
        isDead = true
        onExit(how)
      },
    }
    const nothing = () => {}
    const member = openMember({
      clock,
      process,
      ownerId: `owner${pid}`,
      place: pid,
      isSpare: how === 'spare',
      onNeeded: () => void needed.push(pid),
      // The fake does not look at them.
      orders: () => ({}) as Orders,
      answers: {
        'take-limit': () => ({ kind: 'cancelled' }),
        reserve: () => {
          throw new Error('nobody asks here')
        },
        'probe-hold': () => {
          throw new Error('nobody asks here')
        },
        balances: () => [],
        'balances-for': () => [],
        'limit-accounts': () => [],
        'state-holders': () => [],
        'keep-object': () => false,
        'objects-of': () => [],
        'forget-object': () => undefined,
        'find-open': () => null,
        'take-open': () => null,
        'give-back': () => undefined,
        'claim-probe': () => false,
        'prepare-reserve': () => undefined,
      },
      hears: {
        spool: nothing,
        health: nothing,
        'keep-state': nothing,
        'settle-limit': nothing,
        'refund-limit': nothing,
        'limit-rule': nothing,
        'forget-limit-rules': nothing,
        'cancel-limit': nothing,
        dispatch: nothing,
        shrink: nothing,
        settle: nothing,
        release: nothing,
        'store-failure': nothing,
      },
      onBug: (error) => {
        throw error
      },
    })
    started.push(process)
    house.begins(process)
    return member
  }
  const open = (spares = 0) =>
    openCrew({
      clock,
      count: 2,
      spares,
      start,
      onDrained: async ({ pid }) => void news.push(`drained ${pid}`),
      onEnded: async ({ pid, state }) => void ended.push(`${pid} ${state}`),
      onNews: (one) => void news.push(wordsOf(one)),
    })
  return { clock, started, news, ended, needed, house, open }
}

function wordsOf(news: CrewNews): string {
  const { kind, member } = news
  return `${kind} ${member.pid}${news.kind === 'died' ? ` next in ${news.nextInMs}` : ''}`
}

/** Lets everything said so far arrive, and be answered. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
const pidsOf = (crew: { readonly members: readonly Member[] }) =>
  crew.members.map(({ pid, state }) => `${pid} ${state}`)

describe('a crew of workers', () => {
  it('starts as many as it should, and replaces one that dies after a moment', async () => {
    const { clock, started, news, ended, open } = openHouse()
    const crew = await open()
    expect(pidsOf(crew)).toEqual(['1 serving', '2 serving'])
    started[0]?.die()
    await settled()
    expect([pidsOf(crew), ended]).toEqual([['2 serving'], ['1 dead']])
    clock.turn(100)
    await settled()
    expect(pidsOf(crew)).toEqual(['2 serving', '3 serving'])
    expect(news).toEqual(['died 1 next in 100', 'serving 3'])
  })

  it('has the others send half of their clients away when one serves in the place of a dead one', async () => {
    const { clock, started, open } = openHouse()
    const crew = await open()
    expect(started.map(({ told }) => told)).toEqual([[], []])
    started[0]?.die()
    await settled()
    clock.turn(100)
    await settled()
    expect(started.map(({ told }) => told)).toEqual([[], ['spread-clients 0.5'], []])
    await crew.replaceAll(() => 1_000)
    expect(started.map(({ told }) => told)).toEqual([[], ['spread-clients 0.5', 'leave'], ['leave'], [], []])
  })

  it('has one that has more to do than the others send away what it has more, once it is known of all', async () => {
    const { clock, started, open } = openHouse()
    await open()
    const [busy, idle] = started
    if (busy) busy.work = { calls: 900, overMs: pulseMs, connections: 60 }
    if (idle) [idle.work, idle.isMute] = [{ calls: 100, overMs: pulseMs, connections: 4 }, true]
    clock.turn(pulseMs)
    await settled()
    expect(busy?.told).toEqual([])
    clock.turn(stuckMs)
    await settled()
    clock.turn(100)
    await settled()
    expect(busy?.told).toEqual(['spread-clients 0.5'])
    const [, , next] = started
    if (next) next.work = { calls: 100, overMs: pulseMs, connections: 4 }
    clock.turn(pulseMs)
    await settled()
    expect([busy?.told.slice(1), next?.told]).toEqual([[`spread-clients ${4 / 9}`], []])
  })

  it('has one wait, which takes the place of one that dies at once, and then another one wait', async () => {
    const { clock, started, news, open } = openHouse()
    const crew = await open(1)
    await settled()
    expect(pidsOf(crew)).toEqual(['1 serving', '2 serving', '3 spare'])
    started[0]?.die()
    await settled()
    expect(pidsOf(crew)).toEqual(['2 serving', '3 serving', '4 spare'])
    clock.turn(1_000)
    await settled()
    expect(pidsOf(crew)).toEqual(['2 serving', '3 serving', '4 spare'])
    expect(news).toEqual(['died 1 next in 0', 'serving 3'])
  })

  it('calls one that is not loaded yet too, and none as soon as the last when they die one after the other', async () => {
    const { clock, started, news, house, open } = openHouse()
    house.begins = (process) => (process.how === 'spare' ? undefined : process.serve())
    const crew = await open(1)
    started[0]?.die()
    await settled()
    expect(pidsOf(crew)).toEqual(['2 serving', '3 starting'])
    started[2]?.load()
    await settled()
    expect(pidsOf(crew)).toEqual(['2 serving', '3 serving', '4 starting'])
    started[3]?.load()
    await settled()
    started[1]?.die()
    await settled()
    expect(pidsOf(crew)).toEqual(['3 serving', '4 spare'])
    clock.turn(200)
    await settled()
    expect(pidsOf(crew)).toEqual(['3 serving', '4 serving', '5 starting'])
    expect(news).toEqual(['died 1 next in 0', 'serving 3', 'died 2 next in 200', 'serving 4'])
  })

  it('replaces one that dies while another is being replaced', async () => {
    const { clock, started, house, open } = openHouse()
    const crew = await open()
    house.begins = () => {}
    const replaced = crew.replaceAll(() => 1_000)
    await settled()
    started[1]?.die()
    await settled()
    clock.turn(100)
    await settled()
    expect(pidsOf(crew)).toEqual(['1 serving', '3 starting', '4 starting'])
    for (const place of [2, 3]) started[place]?.serve()
    await replaced
    expect(pidsOf(crew)).toEqual(['3 serving', '4 serving'])
  })

  it('has one that is to replace another hurry where the other dies meanwhile', async () => {
    const { started, needed, house, open } = openHouse()
    const crew = await open()
    needed.length = 0
    house.begins = () => {}
    const replaced = crew.replaceAll(() => 1_000)
    await settled()
    started[0]?.die()
    await settled()
    expect([pidsOf(crew), needed]).toEqual([['2 serving', '3 starting'], [3]])
    house.begins = (process) => process.serve()
    started[2]?.serve()
    expect(await replaced).toBe(2)
  })

  it('replaces one that has just taken a place with the others, and calls no spare that it has sent away', async () => {
    const { clock, started, house, open } = openHouse()
    const crew = await open(1)
    await settled()
    house.begins = (process) => (process.how === 'spare' ? undefined : process.serve())
    started[0]?.die()
    await settled()
    started[2]?.die()
    await settled()
    started[3]?.load()
    await settled()
    clock.turn(200)
    await Promise.resolve()
    await crew.replaceAll(() => 1_000)
    await settled()
    expect(started.filter(({ member }) => member.state === 'serving').map(({ how }) => how)).toEqual([
      'replacing',
      'replacing',
    ])
  })

  it('starts another spare a while after one has died, asks none anything, and leaves none behind', async () => {
    const { clock, started, news, open } = openHouse()
    const crew = await open(1)
    await settled()
    started[2]?.die()
    await settled()
    expect(news).toEqual(['spare-died 3'])
    clock.turn(spareRetryMs)
    await settled()
    expect(pidsOf(crew)).toEqual(['1 serving', '2 serving', '4 spare'])
    const { given } = await crew.askAll('metrics', undefined, 1_000)
    expect(given.map(({ member }) => member.pid)).toEqual([1, 2])
    await crew.drain(1_000)
    expect(pidsOf(crew)).toEqual([])
  })

  it('puts no spare of old code in the place of one that is replaced', async () => {
    const { started, open } = openHouse()
    const crew = await open(1)
    await settled()
    await crew.replaceAll(() => 1_000)
    await settled()
    expect(pidsOf(crew)).toEqual(['4 serving', '5 serving', '6 spare'])
    expect(started.map(({ how }) => how)).toEqual(['urgent', 'urgent', 'spare', 'replacing', 'replacing', 'spare'])
  })

  it('waits longer each time that the next one dies soon too, and forgets it when one has lived well', async () => {
    const { clock, started, news, open } = openHouse()
    await open()
    for (const waitMs of [100, 200, 400, 800]) {
      started.at(-1)?.die()
      await settled()
      clock.turn(waitMs)
      await settled()
    }
    for (const turnMs of [16_000, 15_000]) {
      clock.turn(turnMs)
      await settled()
    }
    started.at(-1)?.die()
    await settled()
    expect(news.filter((one) => one.startsWith('died')).map((one) => one.split(' next in ')[1])).toEqual([
      '100',
      '200',
      '400',
      '800',
      '100',
    ])
  })

  it('restarts without a pause: an old one leaves when a new one serves, one after the other', async () => {
    const { started, news, house, open } = openHouse()
    const crew = await open()
    house.begins = () => {}
    const replaced = crew.replaceAll(() => 1_000)
    await settled()
    expect(pidsOf(crew)).toEqual(['1 serving', '2 serving', '3 starting'])
    started[2]?.serve()
    await settled()
    expect(pidsOf(crew)).toEqual(['2 serving', '3 serving', '4 starting'])
    started[3]?.serve()
    expect(await replaced).toBe(2)
    expect(pidsOf(crew)).toEqual(['3 serving', '4 serving'])
    expect(news).toEqual(['serving 3', 'drained 1', 'serving 4', 'drained 2'])
  })

  it('keeps an old one where no successor can serve', async () => {
    const { news, house, open } = openHouse()
    const crew = await open()
    house.begins = (process) => process.cannotServe('no such secret')
    expect(await crew.replaceAll(() => 1_000)).toBe(0)
    await settled()
    expect(pidsOf(crew)).toEqual(['1 serving', '2 serving'])
    expect(news.filter((one) => one.startsWith('not-replaced'))).toEqual(['not-replaced 1', 'not-replaced 2'])
  })

  it('kills and replaces one that answers nothing', async () => {
    const { clock, started, news, open } = openHouse()
    const crew = await open()
    if (started[0]) started[0].isMute = true
    clock.turn(pulseMs)
    await settled()
    clock.turn(stuckMs)
    await settled()
    expect(news).toEqual(['stuck 1', 'died 1 next in 100'])
    clock.turn(100)
    await settled()
    expect(pidsOf(crew)).toEqual(['2 serving', '3 serving'])
  })

  it('knows since when one says nothing, and forgets it with its next word', async () => {
    const { clock, started, open } = openHouse()
    const crew = await open()
    const silent = () => crew.members.map(({ silentSinceMs }) => silentSinceMs)
    if (started[0]) started[0].isMute = true
    clock.turn(500)
    const scrape = crew.askAll('metrics', undefined, 1_000)
    await settled()
    expect(silent()).toEqual([500, undefined])
    clock.turn(1_000)
    await scrape
    expect(silent()).toEqual([500, undefined])
    if (started[0]) started[0].isMute = false
    await crew.askAll('metrics', undefined, 1_000)
    expect(silent()).toEqual([undefined, undefined])
  })

  it('asks all at once, and tells who gave no answer in time', async () => {
    const { clock, started, open } = openHouse()
    const crew = await open()
    if (started[1]) started[1].isMute = true
    const asked = crew.askAll('metrics', undefined, 1_000)
    await settled()
    clock.turn(1_000)
    const { given, missing } = await asked
    expect(given.map(({ member }) => member.pid)).toEqual([1])
    expect(missing).toMatchObject([{ member: { pid: 2 }, why: expect.stringContaining('did not answer metrics') }])
  })

  it('is not opened where a first one cannot serve, and leaves no process behind', async () => {
    const { started, ended, house, open } = openHouse()
    house.begins = (process) => (process.pid === 1 ? process.serve() : process.cannotServe('the port is in use'))
    await expect(open()).rejects.toThrow('the port is in use')
    expect([started.length, ended]).toEqual([2, ['1 dead', '2 dead']])
  })

  it('ends in order, and starts nothing meanwhile', async () => {
    const { clock, started, ended, open } = openHouse()
    const crew = await open()
    started[0]?.die()
    await settled()
    await crew.drain(1_000)
    clock.turn(60_000)
    await settled()
    expect([started.length, ended, pidsOf(crew)]).toEqual([2, ['1 dead', '2 left'], []])
  })
})
