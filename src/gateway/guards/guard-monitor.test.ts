import { describe, expect, it } from 'vitest'
import type { KeptGuardrails } from '../../canonical/guardrail.ts'
import { dialects } from '../../dialects/all.ts'
import { email } from '../../policies/guardrails/detect/pii/email.ts'
import type { GuardRule } from '../../policies/guardrails/rule.ts'
import { turnedClock } from '../../../test/turned-clock.ts'
import { readAsked } from '../read-asked.ts'
import { GuardMonitor, monitorLimits, type MonitoredCall } from './guard-monitor.ts'

const rule: GuardRule = {
  name: 'mails',
  detectors: [email],
  phases: new Set(['input']),
  places: new Set(['user']),
  action: 'monitor',
  tag: undefined,
  condition: undefined,
  isShadow: false,
}

function callSaying(content: string): MonitoredCall {
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] })
  return { rules: [rule], asked: readAsked(dialects['openai-chat'], Buffer.from(body)) }
}

/** A monitor whose turns are taken by hand. */
function openMonitor() {
  const turns: (() => void)[] = []
  const [bugs, told]: [unknown[], KeptGuardrails[]] = [[], []]
  let dropped = 0
  const clock = turnedClock()
  const monitor = new GuardMonitor({
    clock,
    onDropped: () => (dropped += 1),
    onBug: (error) => void bugs.push(error),
    nextTurn: (then) => void turns.push(then),
  })
  return {
    monitor,
    clock,
    bugs,
    told,
    dropped: () => dropped,
    add: (...calls: readonly MonitoredCall[]) =>
      monitor.add({ calls, answer: undefined }, (kept) => void told.push(kept)),
    turn: () => turns.shift()?.(),
    toEnd: () => {
      let count = 0
      for (let turn = turns.shift(); turn; turn = turns.shift()) {
        turn()
        count += 1
      }
      return count
    },
  }
}

describe('guardrails that look when the answer has gone', () => {
  it('know where the texts of a call stand whose tokens are only counted', () => {
    const { add, told, toEnd, bugs } = openMonitor()
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'ada@example.com' }] })
    add({ rules: [rule], asked: readAsked(dialects['anthropic-count-tokens'], Buffer.from(body)) })
    toEnd()
    expect(bugs).toEqual([])
    expect(told[0]?.decisions).toMatchObject([{ place: 'user', path: 'messages[0].content', kind: 'email' }])
  })

  it('look in turns of their own, and tell what they saw once all of it has been looked at', () => {
    const { add, told, toEnd, monitor } = openMonitor()
    add(callSaying('ada@example.com and bob@example.com'), callSaying('carl@example.com'))
    expect([told, monitor.waiting]).toEqual([[], 1])
    toEnd()
    expect(told).toMatchObject([
      { decisions: [{ rule: 'mails', action: 'monitor', count: 2, start: 0 }, { count: 1 }], scanned: { input: 51 } },
    ])
    expect(monitor.waiting).toBe(0)
  })

  it('look at no more than a piece of a long text in one turn, and miss nothing where it is cut', () => {
    const { add, told, toEnd } = openMonitor()
    const { pieceLength } = monitorLimits
    const text = `${'words '.repeat(pieceLength / 6 - 1)}ada@example.com${' words'.repeat(pieceLength)}`
    add(callSaying(text))
    expect(toEnd()).toBeGreaterThan(text.length / pieceLength)
    expect(told[0]?.decisions.map(({ count }) => count)).toEqual([1])
    expect(told[0]?.decisions[0]?.path).toMatch(/^messages\[0\]\.content\[\d+\.\.\]$/)
  })

  it('are bounded: what is too much is counted and not kept', () => {
    const many = openMonitor()
    for (let count = 0; count < monitorLimits.waiting + 3; count += 1) many.add(callSaying('x'))
    expect([many.monitor.waiting, many.dropped()]).toEqual([monitorLimits.waiting, 3])
    const large = openMonitor()
    for (let count = 0; count < 3; count += 1) large.add(callSaying('x'.repeat(monitorLimits.waitingBytes / 2 - 100)))
    expect([large.monitor.waiting, large.dropped()]).toEqual([2, 1])
  })

  it('go on after a fault of one of them, which is told as a bug', () => {
    const { add, told, toEnd, bugs, monitor } = openMonitor()
    const broken: GuardRule = {
      ...rule,
      detectors: [
        {
          kind: 'broken',
          find: () => {
            throw new Error('a fault')
          },
          liveFrom: () => 0,
        },
      ],
    }
    add({ ...callSaying('hello'), rules: [broken] })
    add(callSaying('ada@example.com'))
    toEnd()
    expect(bugs).toMatchObject([{ message: 'a fault' }])
    expect(told).toHaveLength(1)
    expect(monitor.waiting).toBe(0)
  })

  it('are waited for at the end, but not for ever', async () => {
    const done = openMonitor()
    done.add(callSaying('ada@example.com'))
    const closing = done.monitor.close()
    done.toEnd()
    expect([await closing, done.told.length]).toEqual([0, 1])
    const stuck = openMonitor()
    stuck.add(callSaying('ada@example.com'))
    const ending = stuck.monitor.close()
    stuck.clock.turn(monitorLimits.closeMs)
    expect(await ending).toBe(1)
    expect(await openMonitor().monitor.close()).toBe(0)
  })
})
