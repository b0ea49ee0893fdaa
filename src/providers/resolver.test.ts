import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { turnedClock } from '../../test/turned-clock.ts'
import { openResolver, resolverLimits, type Resolved } from './resolver.ts'

/** A resolver over answers that the test gives one by one, as they are asked for. */
function openIt() {
  const clock = turnedClock()
  const asked: PromiseWithResolvers<readonly string[]>[] = []
  const resolver = openResolver(clock, () => {
    const question = Promise.withResolvers<readonly string[]>()
    asked.push(question)
    return question.promise
  })
  const ask = () => resolver.addressesOf('api.example').then(told, (thrown) => String(thrown.code))
  const answer = (...addresses: string[]) => asked.at(-1)?.resolve(addresses)
  const fail = (code: string) => asked.at(-1)?.reject(Object.assign(new Error(code), { code }))
  return { clock, asked, resolver, ask, answer, fail }
}

const told = ({ addresses, isLastGood }: Resolved) => `${addresses.join(' ')}${isLastGood ? ' (last good)' : ''}`

describe('fault 23: the addresses of a name', () => {
  it('are asked for once by any number of connections, and kept for a time', async () => {
    const { clock, asked, ask, answer } = openIt()
    const both = [ask(), ask()]
    answer('192.0.2.1', '192.0.2.2')
    expect(await Promise.all(both)).toEqual(['192.0.2.1 192.0.2.2', '192.0.2.1 192.0.2.2'])
    clock.turn(resolverLimits.freshMs - 1)
    expect(await ask()).toBe('192.0.2.1 192.0.2.2')
    expect(asked).toHaveLength(1)
  })

  it('follow a change once that time is over', async () => {
    const { clock, ask, answer } = openIt()
    const first = ask()
    answer('192.0.2.1')
    await first
    clock.turn(resolverLimits.freshMs)
    const second = ask()
    answer('192.0.2.9')
    expect(await second).toBe('192.0.2.9')
  })

  it.each(['ENOTFOUND', 'EAI_AGAIN', 'ESERVFAIL'])('stay the last good ones while DNS says %s', async (code) => {
    const { clock, asked, ask, answer, fail } = openIt()
    const first = ask()
    answer('192.0.2.1')
    await first
    clock.turn(resolverLimits.freshMs)
    const second = ask()
    fail(code)
    expect(await second).toBe('192.0.2.1 (last good)')
    // Nobody asks again at once, and when somebody does, a good answer is followed.
    expect([await ask(), asked.length]).toEqual(['192.0.2.1 (last good)', 2])
    clock.turn(resolverLimits.retryMs)
    const third = ask()
    answer('192.0.2.9')
    expect([await third, asked.length]).toEqual(['192.0.2.9', 3])
  })

  it('are the last good ones soon when DNS is slow, and the new ones when it has answered', async () => {
    const { clock, ask, answer } = openIt()
    const first = ask()
    answer('192.0.2.1')
    await first
    clock.turn(resolverLimits.freshMs)
    const slow = ask()
    await nextTurn()
    clock.turn(resolverLimits.patienceMs)
    expect(await slow).toBe('192.0.2.1 (last good)')
    // Who comes later does not wait for the same question again.
    expect(await ask()).toBe('192.0.2.1 (last good)')
    answer('192.0.2.9')
    await nextTurn()
    expect(await ask()).toBe('192.0.2.9')
  })

  it('are none when DNS never had an answer: at once, and after its time when it says nothing', async () => {
    const { clock, asked, ask, answer, fail } = openIt()
    const first = ask()
    fail('ENOTFOUND')
    expect(await first).toBe('ENOTFOUND')
    expect([await ask(), asked.length]).toEqual(['ENOTFOUND', 1])
    clock.turn(resolverLimits.retryMs)
    const silent = ask()
    await nextTurn()
    clock.turn(resolverLimits.lookupMs)
    expect(await silent).toBe('DNS_TIMEOUT')
    // What comes later than that is not listened to.
    answer('192.0.2.1')
    await nextTurn()
    expect(await ask()).toBe('DNS_TIMEOUT')
    clock.turn(resolverLimits.retryMs)
    const empty = ask()
    answer()
    expect(await empty).toBe('ENODATA')
  })

  it('are forgotten after a day without a good answer', async () => {
    const { clock, ask, answer, fail } = openIt()
    const first = ask()
    answer('192.0.2.1')
    await first
    clock.turn(resolverLimits.lastGoodMs)
    const second = ask()
    fail('ENOTFOUND')
    expect(await second).toBe('ENOTFOUND')
  })

  it('are bounded in number, and a literal address is never asked for', async () => {
    const { asked, resolver, ask, answer } = openIt()
    const first = ask()
    answer(...Array.from({ length: 100 }, (_, place) => `192.0.2.${place}`), '2001:db8::1')
    const kept = (await first).split(' ')
    expect(kept).toHaveLength(resolverLimits.addresses)
    // What a whole family of more than these would push out is the way around it.
    expect(kept[1]).toBe('2001:db8::1')
    expect(told(await resolver.addressesOf('192.0.2.5'))).toBe('192.0.2.5')
    expect(told(await resolver.addressesOf('::1'))).toBe('::1')
    expect(asked).toHaveLength(1)
    for (let place = 0; place < resolverLimits.names; place++) {
      const one = resolver.addressesOf(`n${place}.example`)
      answer('192.0.2.1')
      await one
    }
    const again = ask()
    answer('192.0.2.9')
    expect(await again).toBe('192.0.2.9')
  })
})
