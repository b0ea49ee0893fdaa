import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../config/load.ts'
import { guardrailsSettings } from '../settings.ts'

const ask = 'ask: { kind: http, url: "https://guard.example" }'
const load = (rule: string) => loadConfig(`moderation: { ${rule} }`, 'weir.yaml', guardrailsSettings)

describe('a rule that asks a guard elsewhere', () => {
  it.each([
    `${ask}, deadlineMs: 500, onTimeout: block, stream: window, action: block`,
    `${ask}, deadlineMs: 500, onTimeout: allow, stream: after, action: flag, threshold: 0.5`,
    `${ask}, deadlineMs: 500, onTimeout: allow, action: mask, phases: [input], in: [user]`,
    `${ask}, deadlineMs: 500, onTimeout: block, action: route, tag: near, phases: [input], shadow: true`,
  ])('may be %s', (rule) => {
    expect(load(rule)).toMatchObject({ ok: true })
  })

  it.each([
    [`${ask}, onTimeout: block, action: block, phases: [input]`, 'deadlineMs', 'is required beside'],
    [`${ask}, deadlineMs: 5, action: block, phases: [input]`, 'onTimeout', 'is required beside'],
    [`${ask}, deadlineMs: 5, onTimeout: block, action: block`, 'stream', 'is required where'],
    [`${ask}, deadlineMs: 5, onTimeout: block, stream: buffer, action: flag, phases: [input]`, 'stream', 'not in'],
    [`${ask}, deadlineMs: 5, onTimeout: allow, stream: after, action: redact`, 'stream', 'cannot `redact`'],
    [`${ask}, deadlineMs: 5, onTimeout: allow, stream: after, action: block`, 'stream', 'cannot `block`'],
    [`${ask}, deadlineMs: 5, onTimeout: block, stream: after, action: flag`, 'onTimeout', 'must be `allow`'],
    [`${ask}, deadlineMs: 5, onTimeout: block, stream: window, action: mask`, 'phases', 'must be [input]'],
    [`${ask}, deadlineMs: 5, onTimeout: block, action: block, phases: [input], find: [pii]`, 'ask', 'stands alone'],
    [`find: [pii], action: block, deadlineMs: 5`, 'deadlineMs', 'belongs to a rule with `ask`'],
    [`find: [pii], action: block, onTimeout: allow`, 'onTimeout', 'belongs to a rule with `ask`'],
    [
      'ask: { kind: http, url: "https://ada:secret@guard.example" }, deadlineMs: 5, onTimeout: block, action: block, phases: [input]',
      'ask.url',
      'must not hold a user name',
    ],
  ])('is refused as %s', (rule, key, message) => {
    const loaded = load(rule)
    expect(loaded).toMatchObject({ ok: false })
    const problems = loaded.ok ? [] : loaded.problems
    expect(problems).toContainEqual(
      expect.objectContaining({ path: `moderation.${key}`, message: expect.stringContaining(message) }),
    )
  })
})
