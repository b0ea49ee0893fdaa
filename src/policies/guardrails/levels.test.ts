import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { GatewayError } from '../../canonical/error.ts'
import type { GuardDecision } from '../../canonical/guardrail.ts'
import { openConditions } from '../../config/condition.ts'
import { organisationsSettings } from '../identity/settings.ts'
import { compileGuardrails } from './compile.ts'
import { GuardNotes, guardText, writerOf } from './guard-text.ts'
import { isBelow, type GuardedConfig } from './levels.ts'
import { Masks } from './masks.ts'
import type { GuardRule } from './rule.ts'
import { windowRulesOf } from './rules-window.ts'
import { guardrailsSettings } from './settings.ts'
import { TextWindow } from './text-window.ts'

const hash = `hmac:${'0'.repeat(64)}`
const configOf = z.object({
  guardrails: guardrailsSettings.default({}),
  organisations: organisationsSettings.default({}),
  models: z.record(z.string(), z.object({ guardrails: guardrailsSettings.optional() })).default({}),
})

function compiled(written: z.input<typeof configOf>) {
  const config: GuardedConfig = configOf.parse(written)
  const problems: string[] = []
  const rules = compileGuardrails(config, openConditions(), (path, message) =>
    problems.push(`${path.join('.')}: ${message}`),
  )
  return { rules, problems }
}

const flag = (kind: 'email' | 'card' | 'iban') => ({ find: [kind], action: 'flag' as const })

describe('whose a rule is', () => {
  const { rules, problems } = compiled({
    guardrails: { everywhere: flag('email') },
    organisations: {
      acme: {
        guardrails: { 'of-acme': flag('email') },
        users: { ada: { guardrails: { 'of-ada': flag('email') } } },
        agents: { bot: { guardrails: { 'of-bot': flag('email') } } },
        teams: {
          search: {
            guardrails: { 'of-search': flag('email') },
            projects: { index: { guardrails: { 'of-index': flag('email') } } },
            keys: { ci: { hash, guardrails: { 'of-ci': flag('email') } } },
          },
        },
      },
      other: { guardrails: { 'of-acme': flag('email') } },
    },
    models: { gpt: { guardrails: { 'of-gpt': flag('email') } } },
  })
  const over = (caller: Parameters<typeof isBelow>[1], model?: string) =>
    rules.filter(({ owner }) => isBelow(owner, caller, model)).map(({ name, owner }) => `${name}/${owner?.level ?? ''}`)

  it('is everybody’s above the call, from wide to narrow, and nobody else’s', () => {
    expect(problems).toEqual([])
    const acme = ['everywhere/', 'of-acme/organisation acme']
    expect(over({ organisation: 'acme' })).toEqual(acme)
    expect(over({ organisation: 'other' }, 'gpt')).toEqual([
      'everywhere/',
      'of-acme/organisation other',
      'of-gpt/model gpt',
    ])
    const key = { organisation: 'acme', team: 'search', keyId: 'config/acme/search/ci' }
    expect(over({ ...key, project: 'index', user: 'ada', agent: 'bot' })).toEqual([
      ...acme,
      'of-ada/user acme/ada',
      'of-bot/agent acme/bot',
      'of-search/team acme/search',
      'of-index/project acme/search/index',
      'of-ci/key ci',
    ])
    expect(over({ organisation: 'other', team: 'search', project: 'index', user: 'ada' })).toEqual([
      'everywhere/',
      'of-acme/organisation other',
    ])
  })

  it('is told in the error of a block', () => {
    const { rules: own } = compiled({
      organisations: { acme: { teams: { search: { guardrails: { mail: { find: ['email'], action: 'block' } } } } } },
    })
    const text = { path: 'input', place: 'user', text: 'ada@example.com', isJsonText: false } as const
    expect(() => guardText(own, text, 'input', new GuardNotes(), new Masks())).toThrow(
      'the guardrail mail of team acme/search blocked the call',
    )
  })
})

describe('a rule of below', () => {
  it('cannot take the name, and so the place, of one above it', () => {
    const { problems } = compiled({
      guardrails: { mail: { find: ['email'], action: 'block' } },
      organisations: {
        acme: {
          users: { ada: { guardrails: { cards: flag('card') } } },
          teams: {
            search: {
              guardrails: { mail: flag('email'), own: flag('iban') },
              keys: { ci: { hash, user: 'ada', guardrails: { cards: flag('card'), own: flag('iban') } } },
            },
            // Beside the other, not below it.
            ads: { guardrails: { own: flag('iban') } },
          },
        },
      },
      models: { gpt: { guardrails: { mail: flag('email') } } },
    })
    expect(problems.map((problem) => problem.replace(/ and cannot.*$/, ''))).toEqual([
      'organisations.acme.teams.search.guardrails.mail: has the name of a rule of the gateway',
      'organisations.acme.teams.search.keys.ci.guardrails.cards: has the name of a rule of user acme/ada',
      'organisations.acme.teams.search.keys.ci.guardrails.own: has the name of a rule of team acme/search',
      'models.gpt.guardrails.mail: has the name of a rule of the gateway',
    ])
  })

  const secrets = {
    email: 'ada@example.com',
    card: '4111 1111 1111 1111',
    iban: 'GB82 WEST 1234 5698 7654 32',
  } as const
  const kinds = ['email', 'card', 'iban'] as const
  const anyRule = fc.record({
    find: fc.uniqueArray(fc.constantFrom(...kinds), { minLength: 1 }),
    action: fc.constantFrom('block', 'redact', 'mask', 'flag'),
    shadow: fc.boolean(),
    in: fc.option(fc.constant<'user'[]>(['user']), { nil: undefined }),
    terms: fc.constantFrom<readonly string[]>([], ['com'], ['1111'], ['pay to ada']),
  })
  const anyRules = fc.array(anyRule, { maxLength: 3 })
  const anyText = fc
    .array(fc.constantFrom(...Object.values(secrets), 'pay to', 'com', '1111', ', ', 'ok', '-', '. '), { maxLength: 8 })
    .map((words) => words.join(' '))
  type AnyRule = typeof anyRule extends fc.Arbitrary<infer Rule> ? Rule : never

  const named = (prefix: string, list: readonly AnyRule[]) =>
    Object.fromEntries(list.map((rule, place) => [`${prefix}${place}`, { ...rule, terms: [...rule.terms] }]))

  /** What becomes of a text that comes whole, and of the same in pieces. */
  function judged(rules: readonly GuardRule[], text: string, pieces: number) {
    const [notes, masks] = [new GuardNotes(), new Masks()]
    const shown = unlessBlocked(
      () => guardText(rules, { path: 'x', place: 'user', text, isJsonText: false }, 'output', notes, masks) ?? text,
    )
    const window = new TextWindow(
      windowRulesOf({
        rules,
        write: writerOf(masks),
        note: (seen) => notes.add(seen, 'output', 'user', 'stream'),
        isJsonText: false,
      }),
    )
    let streamed = ''
    const isStreamed = unlessBlocked(() => {
      for (let from = 0; from < text.length; from += pieces) streamed += window.push(text.slice(from, from + pieces))
      streamed += window.end()
      return streamed
    })
    return { shown, streamed, isStreamed: isStreamed !== undefined, decisions: notes.decisions }
  }

  it('only tightens: in any tree, what passes with it passes without it, and what is decided above stays decided', () => {
    fc.assert(
      fc.property(
        anyRules,
        anyRules,
        anyRules,
        anyText,
        fc.integer({ min: 1, max: 9 }),
        (gateway, team, key, text, pieces) => {
          const { rules, problems } = compiled({
            guardrails: named('g', gateway),
            organisations: {
              acme: {
                teams: {
                  search: { guardrails: named('t', team), keys: { ci: { hash, guardrails: named('k', key) } } },
                },
              },
            },
          })
          expect(problems).toEqual([])
          const above = rules.filter(({ owner }) => !owner?.level.startsWith('key '))
          const [without, withIt] = [judged(above, text, pieces), judged(rules, text, pieces)]
          if (withIt.shown !== undefined) expect(without.shown).toBeDefined()
          if (withIt.isStreamed) expect(without.isStreamed).toBe(true)
          if (withIt.shown !== undefined && withIt.isStreamed)
            expect(totals(withIt.decisions.filter(({ rule }) => !rule.startsWith('k')))).toEqual(
              totals(without.decisions),
            )
          for (const secret of Object.values(secrets)) {
            if (without.shown?.includes(secret) === false) expect(withIt.shown ?? '').not.toContain(secret)
            if (!without.streamed.includes(secret)) expect(withIt.streamed).not.toContain(secret)
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})

/** How often each rule saw what where: a stream that is held back longer tells the same in fewer words. */
function totals(decisions: readonly GuardDecision[]): ReadonlyMap<string, number> {
  const counted = new Map<string, number>()
  for (const { rule, path, kind, action, count } of decisions) {
    const id = [rule, path, kind, action].join(' ')
    counted.set(id, (counted.get(id) ?? 0) + count)
  }
  return counted
}

function unlessBlocked<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch (thrown) {
    if (thrown instanceof GatewayError && thrown.kind === 'guardrail_blocked') return undefined
    throw thrown
  }
}
