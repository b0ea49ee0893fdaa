import { describe, expect, it } from 'vitest'
import { openReceiver } from './receiver.ts'

const address = { url: 'https://finance.example/hook', timeoutMs: 15_000 }

describe('a receiver', () => {
  it('signs as Standard Webhooks says: the example of its specification', () => {
    const receiver = openReceiver('finance', address, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
    if (typeof receiver === 'string') throw new Error(receiver)
    const at = new Date(1_614_265_330_000)
    expect(receiver.sign('msg_p5jXN8AQM9LWM0D4loKWxJek', at, '{"test": 2432232314}')).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    )
  })

  it('has no secret that is too short, too long, or no base64; the sentence does not hold it', () => {
    const bytes = (count: number) => `whsec_${Buffer.alloc(count, 7).toString('base64')}`
    for (const wrong of ['', 'secret-of-mine', bytes(23), bytes(65), bytes(32).slice(0, -1), `${bytes(32)}!`]) {
      const problem = openReceiver('finance', address, wrong)
      expect([wrong, problem]).toEqual([wrong, expect.stringMatching(/^leads to no secret of a webhook/)])
      if (wrong !== '') expect(problem).not.toContain(wrong)
    }
    for (const right of [bytes(24), bytes(32), bytes(64)])
      expect(openReceiver('finance', address, right)).toMatchObject({ name: 'finance' })
  })
})
