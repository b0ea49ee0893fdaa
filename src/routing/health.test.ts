import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { turnedClock } from '../../test/turned-clock.ts'
import { circuitLimits } from './circuit.ts'
import { subjectLimit, subjectOf, type Fault, type HealthNews, type HealthNote } from './health-state.ts'
import { newsEveryMs } from './health-news.ts'
import { openHealth, type CircuitOpened, type Health } from './health.ts'

const at = { targetId: 'openai/m', credentialId: 'openai#0' }
const answered: HealthNote = { kind: 'answered', ...at, isStream: true, tookMs: 100 }
const whole: HealthNote = { ...answered, isStream: false }
const ended: HealthNote = { kind: 'ended', targetId: at.targetId }
const probe = subjectOf.target(at.targetId)
const released: HealthNote = { kind: 'probe-released', subject: probe }
const failedBy = (
  fault: Exclude<Fault, 'nobody'>,
  probes: readonly string[] = [],
): Extract<HealthNote, { kind: 'failed' }> => ({
  kind: 'failed',
  ...at,
  fault,
  errorKind: 'upstream_unavailable',
  probes,
})

function opened() {
  const clock = turnedClock()
  const alarms: CircuitOpened[] = []
  const told: HealthNews[] = []
  const health = openHealth({ clock, onOpened: (alarm) => alarms.push(alarm), tell: (news) => told.push(news) })
  return { clock, alarms, told, health }
}

function openedBreaker() {
  const house = opened()
  for (let failure = 0; failure < circuitLimits.failuresInARow; failure += 1) house.health.note(failedBy('target'))
  return house
}

describe('health', () => {
  it('fault 18: alarms once when a breaker opens', () => {
    const { health, alarms } = openedBreaker()
    expect(health.target('openai/m')).toBe('open')
    health.note(failedBy('target'))
    expect(alarms).toEqual([{ kind: 'target', id: 'openai/m', forMs: circuitLimits.openMs }])
  })

  it('fault 19: a refused credential rests with an alarm, and its target does not', () => {
    const { health, alarms, clock } = opened()
    health.note(failedBy('credential'))
    expect(health.credential('openai/m', 'openai#0')).toBe('open')
    expect(health.credential('openai/other', 'openai#0')).toBe('open')
    expect(health.credential('openai/m', 'openai#1')).toBe('closed')
    expect(health.target('openai/m')).toBe('closed')
    expect(alarms).toMatchObject([{ kind: 'credential', id: 'openai#0' }])
    clock.turn(300_000)
    expect(health.credential('openai/m', 'openai#0')).toBe('half-open')
    health.note(answered)
    expect(health.credential('openai/m', 'openai#0')).toBe('closed')
  })

  it('fault 17: a limit is of one credential at one target', () => {
    const { health } = opened()
    health.note({ kind: 'rest', ...at, forMs: 2_000 })
    health.note(failedBy('limit'))
    expect(health.credential('openai/m', 'openai#0')).toBe('resting')
    expect(health.credential('openai/other', 'openai#0')).toBe('closed')
    expect(health.credential('openai/m', 'openai#1')).toBe('closed')
    expect(health.target('openai/m')).toBe('closed')
    expect(health.dueInMs('openai/m', 'openai#0')).toBe(2_000)
  })

  it('does not count what says nothing of the target', () => {
    const { health } = opened()
    for (let failure = 0; failure < 50; failure += 1) health.note(released)
    for (let failure = 0; failure < 50; failure += 1) health.note(failedBy('call'))
    expect(health.target('openai/m')).toBe('closed')
  })

  it('fault 9: counts each stream once, by how it ended', () => {
    const { health } = opened()
    for (let call = 0; call < 10; call += 1) {
      health.note(answered)
      health.note(call % 4 === 0 ? ended : failedBy('cut'))
    }
    expect(health.read({ name: 'openai', credentials: [] })).toMatchObject({ successes: 3, failures: 7 })
    health.note(whole)
    expect(health.read({ name: 'openai', credentials: [] })).toMatchObject({ successes: 4, failures: 7 })
  })

  it('grants a half-open circuit one probe, and another when that one told nothing', () => {
    const { health, clock } = openedBreaker()
    expect(health.claimProbe(probe)).toBe(false)
    clock.turn(circuitLimits.openMs)
    expect([health.claimProbe(probe), health.claimProbe(probe)]).toEqual([true, false])
    health.note(released)
    expect(health.claimProbe(probe)).toBe(true)
    // A claim of which nothing more is heard lapses.
    clock.turn(circuitLimits.probeMs)
    expect(health.claimProbe(probe)).toBe(true)
    health.note(answered)
    expect(health.target('openai/m')).toBe('closed')
    expect(health.claimProbe(probe)).toBe(false)
  })

  it.each<[string, HealthNote]>([
    ['nothing became of it', released],
    ['a limit ended it', failedBy('limit', [probe])],
  ])('another process may probe at once when %s in the one that was granted it', (_, note) => {
    const clock = turnedClock()
    const workers: Health[] = []
    const tellOthers = (news: HealthNews, teller?: Health) => {
      for (const worker of workers) if (worker !== teller) worker.hear(news)
    }
    const primary = openHealth({ clock, onOpened: () => {}, tell: tellOthers })
    for (let one = 0; one < 2; one += 1) {
      const worker: Health = openHealth({
        clock,
        onOpened: () => {},
        askForProbe: (subject) => primary.claimProbe(subject),
        tell: (news) => {
          primary.hear(news)
          tellOthers(news, worker)
        },
      })
      workers.push(worker)
    }
    const [worker, other] = workers
    for (let failure = 0; failure < circuitLimits.failuresInARow; failure += 1) worker?.note(failedBy('target'))
    clock.turn(circuitLimits.openMs)
    expect([worker?.claimProbe(probe), other?.claimProbe(probe)]).toEqual([true, false])
    worker?.note(note)
    expect([other?.target('openai/m'), other?.claimProbe(probe)]).toEqual(['half-open', true])
  })

  it.each(['target', 'limit', 'credential'] as const)(
    'a probe is not over by what another attempt comes to: %s',
    (fault) => {
      const { health, clock } = openedBreaker()
      clock.turn(circuitLimits.openMs)
      expect(health.claimProbe(probe)).toBe(true)
      health.note(failedBy(fault))
      expect([health.target('openai/m'), health.claimProbe(probe)]).toEqual(['half-open', false])
    },
  )

  it('never has two probes of one circuit under way, whatever happens', () => {
    const event = fc.constantFrom('claim', 'served', 'failed', 'abandoned', 'wait')
    fc.assert(
      fc.property(fc.array(event, { maxLength: 200 }), (events) => {
        const { health, clock } = openedBreaker()
        let underWay = 0
        let waits = 0
        for (const what of events) {
          if (what === 'claim' && health.claimProbe(probe)) underWay += 1
          expect(underWay).toBeLessThanOrEqual(1)
          // Not so long that a claim lapses: then its attempt is taken to be lost.
          if (what === 'wait' && (underWay === 0 || (waits += 1) * circuitLimits.openMs < circuitLimits.probeMs))
            clock.turn(circuitLimits.openMs)
          if (what === 'claim' || what === 'wait' || underWay === 0) continue
          ;[underWay, waits] = [0, 0]
          if (what === 'abandoned') health.note(released)
          if (what === 'failed') health.note(failedBy('target', [probe]))
          if (what === 'served') health.note(answered)
          if (what === 'served') for (let one = 0; one < 5; one += 1) health.note(failedBy('target'))
        }
      }),
    )
  })

  it('is the same for another process that hears the news, whatever happens', () => {
    const step = fc.oneof(
      fc.constantFrom(answered, whole, ended, released),
      fc.constantFrom('target', 'cut', 'limit', 'credential', 'call').map(failedBy),
      fc.integer({ min: 0, max: 60_000 }).map((forMs): HealthNote => ({ kind: 'rest', ...at, forMs })),
      fc.integer({ min: 0, max: 20_000 }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const clock = turnedClock()
        const elsewhere = openHealth({ clock, onOpened: () => {} })
        const health = openHealth({
          clock,
          onOpened: () => {},
          tell: (news) => elsewhere.hear(JSON.parse(JSON.stringify(news)) as HealthNews),
        })
        const seen = (it: typeof health) => [
          it.target('openai/m'),
          it.credential('openai/m', 'openai#0'),
          it.dueInMs('openai/m', 'openai#0'),
        ]
        for (const one of steps) {
          if (typeof one === 'number') clock.turn(one)
          else health.note(one)
          expect(seen(elsewhere)).toEqual(seen(health))
        }
      }),
    )
  })

  it('a process that begins later knows what this one knows: what is open, rests or is being probed, and how long answers take', () => {
    const { health, clock } = openedBreaker()
    health.note({ kind: 'rest', targetId: 'other/m', credentialId: undefined, forMs: 30_000 })
    health.note({ ...failedBy('credential'), credentialId: 'openai#1' })
    health.note({ ...answered, targetId: 'third/m' })
    const born = () => openHealth({ clock, onOpened: () => {}, known: health.news() })
    const states = (of: ReturnType<typeof born>) => [
      of.target('openai/m'),
      of.target('other/m'),
      of.target('third/m'),
      of.credential('openai/other', 'openai#1'),
      of.dueInMs('openai/m', 'openai#1'),
      of.expectedMs('third/m', true),
    ]
    expect(states(born())).toEqual(states(health))
    expect(states(born()).slice(0, 2)).toEqual(['open', 'resting'])
    clock.turn(circuitLimits.openMs + 1)
    expect(states(born())).toEqual(states(health))
    expect(born().target('openai/m')).toBe('half-open')
    expect(health.claimProbe(probe)).toBe(true)
    expect(born().claimProbe(probe)).toBe(false)
    clock.turn(circuitLimits.forgottenAfterMs + circuitLimits.longestRestMs)
    expect([states(born()), health.news()]).toEqual([states(health), []])
  })

  it('tells others little while all is well: a sample of times, and what was counted', () => {
    const { health, told, clock } = opened()
    for (let call = 0; call < 1_000; call += 1) {
      health.note(answered)
      health.note(ended)
      clock.turn(1)
    }
    expect(told.length).toBeLessThanOrEqual(8)
    expect(new Set(told.map(({ kind }) => kind))).toEqual(new Set(['measured', 'counted']))
    const elsewhere = openHealth({ clock, onOpened: () => {} })
    for (const news of told) elsewhere.hear(news)
    expect(elsewhere.expectedMs('openai/m', true)).toBe(100)
    expect(elsewhere.read({ name: 'openai', credentials: [] }).successes).toBeGreaterThan(700)
  })

  it('tells how many failures there were in a row, also where a success came before them', () => {
    const { health, told, clock } = opened()
    const elsewhere = openHealth({ clock, onOpened: () => {} })
    const inARow = () => {
      clock.turn(newsEveryMs)
      for (const news of told.splice(0)) elsewhere.hear(news)
      return [health, elsewhere].map((one) => one.read({ name: 'openai', credentials: [] }).consecutiveFailures)
    }
    health.note(failedBy('target'))
    health.note(ended)
    for (let call = 0; call < 3; call += 1) health.note(failedBy('target'))
    expect(inARow()).toEqual([3, 3])
    health.note(failedBy('target'))
    expect(inARow()).toEqual([4, 4])
    health.note(failedBy('target'))
    health.note(ended)
    expect(inARow()).toEqual([0, 0])
  })

  it('an alarm is of the process that saw it', () => {
    const { alarms, told } = openedBreaker()
    expect(alarms).toHaveLength(1)
    const clock = turnedClock()
    const heard: CircuitOpened[] = []
    const elsewhere = openHealth({ clock, onOpened: (alarm) => heard.push(alarm) })
    for (const news of told) elsewhere.hear(news)
    expect(elsewhere.target('openai/m')).toBe('open')
    expect(heard).toEqual([])
  })

  it('wakes credentials when the config is reloaded', () => {
    const { health } = opened()
    health.note(failedBy('credential'))
    health.note({ kind: 'rest', ...at, forMs: 2_000 })
    health.wakeCredentials()
    expect(health.credential('openai/m', 'openai#0')).toBe('closed')
  })

  it('knows how long the first content takes lately, streams and whole answers apart', () => {
    const { health, clock } = opened()
    for (const tookMs of [100, 300, 200]) health.note({ ...answered, tookMs })
    health.note({ ...answered, isStream: false, tookMs: 5_000 })
    expect(health.expectedMs('openai/m', true)).toBe(200)
    expect(health.expectedMs('openai/m', false)).toBe(5_000)
    expect(health.percentileMs('openai/m', true, 95)).toBeUndefined()
    for (let tookMs = 1; tookMs <= 100; tookMs += 1) health.note({ ...answered, tookMs })
    // Of the last 32: 69 to 100.
    expect(health.percentileMs('openai/m', true, 50)).toBe(84)
    expect(health.percentileMs('openai/m', true, 95)).toBe(99)
    clock.turn(300_001)
    expect(health.expectedMs('openai/m', true)).toBeUndefined()
    expect(health.percentileMs('openai/m', true, 95)).toBeUndefined()
  })

  it('N names behind a wildcard do not fill the memory', () => {
    const { health } = opened()
    for (let name = 0; name < subjectLimit + 100; name += 1)
      for (let failure = 0; failure < 5; failure += 1)
        health.note({ ...failedBy('target'), targetId: `openai/m${name}` } as HealthNote)
    expect(health.target('openai/m0')).toBe('closed')
    expect(health.target(`openai/m${subjectLimit + 99}`)).toBe('open')
    expect(health.targets([]).length).toBeLessThanOrEqual(200)
  })
})
