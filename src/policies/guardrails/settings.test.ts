import { expect, it } from 'vitest'
import { guardrailsSettings } from './settings.ts'

/** What is wrong with one rule, as `weir check` tells it. */
function problemsOf(rule: object): readonly string[] {
  const read = guardrailsSettings.safeParse({ one: rule })
  return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.slice(1).join('.')}: ${message}`)
}

it.each([
  [{ action: 'mark', phases: ['input'] }, []],
  [{ action: 'mark' }, ['phases: must be [input]: `mark` acts on calls']],
  [
    { action: 'mark', phases: ['input'], in: ['user', 'system'] },
    ['in: of `mark` may hold user, tool-result, document'],
  ],
  [{ action: 'flag' }, [expect.stringContaining(': finds nothing')]],
  [{ action: 'monitor', find: ['injection'], phases: ['input'] }, []],
  [{ action: 'monitor', find: ['email'] }, []],
  [
    { action: 'monitor', find: ['email'], phases: ['input'], shadow: true },
    ['shadow: says nothing of `monitor`, which only tells'],
  ],
  [
    {
      action: 'mark',
      phases: ['input'],
      deadlineMs: 9,
      onTimeout: 'block',
      ask: { kind: 'http', url: 'https://guard.example' },
    },
    ['action: cannot be `mark` beside `ask`: it is judged here'],
  ],
  [
    { action: 'flag', find: ['email'], phases: ['output'], in: ['user', 'system'] },
    ['in: has no effect: answers hold no texts of user or system, and `phases` leaves out calls'],
  ],
  [{ action: 'flag', find: ['email'], phases: ['output'], in: ['user', 'assistant'] }, []],
  [{ action: 'flag', find: ['email'], in: ['user'] }, []],
  [{ action: 'route', find: ['email'] }, ['tag: belongs to the action `route`, and it must have one']],
])('a rule is refused that cannot do what it says: %j', (rule, problems) => {
  expect(problemsOf(rule)).toEqual(problems)
})
