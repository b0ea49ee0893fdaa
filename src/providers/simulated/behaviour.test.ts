import { describe, expect, it } from 'vitest'
import { noFaults, readModelName } from './behaviour.ts'

describe('the behaviour asked for in a model name', () => {
  it('is none without a query', () => {
    const asked = readModelName('sim-1')
    expect(asked).toMatchObject({
      isValid: true,
      baseName: 'sim-1',
      behaviour: { faults: noFaults, billsToEnd: false },
    })
  })

  it('is read, and the base name is what stands before it', () => {
    const asked = readModelName(
      'sim-1?delay_ms=500&tokens=400&status=429&retry_after=2&times=2&usage=null&bills=to_end&text=a+b%3F',
    )
    expect(asked).toMatchObject({
      baseName: 'sim-1',
      behaviour: {
        delayMs: 500,
        tokens: 400,
        text: 'a b?',
        faults: { status: 429, retryAfter: '2' },
        faultTimes: 2,
        usage: 'null',
        billsToEnd: true,
      },
    })
  })

  it('a cut with a place is a reset unless it says otherwise', () => {
    expect([cutOf('m?cut_after=3'), cutOf('m?cut_after=3&cut=fin'), cutOf('m?cut=headers'), cutOf('m')]).toEqual([
      'rst',
      'fin',
      'headers',
      undefined,
    ])
  })

  it.each([
    'm?stauts=500',
    'm?status=',
    'm?status=200',
    'm?status=600',
    'm?delay_ms=-1',
    'm?delay_ms=1.5',
    'm?delay_ms=9999999999',
    'm?cut=sideways',
    'm?html=yes',
    'm?usage=wrong',
    'm?bills=never',
    'm?retry_after=a%0d%0ab',
    'm?status=500&status=429',
    'm?__proto__=1',
  ])('a mistake such as %s is seen', (name) => {
    const asked = readModelName(name)
    expect(asked.isValid).toBe(false)
    expect(asked.isValid ? '' : asked.message).toMatch(/parameter/)
  })
})

function cutOf(name: string): string | undefined {
  const asked = readModelName(name)
  return asked.isValid ? asked.behaviour.faults.cut : asked.message
}
