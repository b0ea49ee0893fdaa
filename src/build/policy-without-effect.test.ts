import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkConfig } from './check.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'weir-policy-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

describe('a policy that bounds nothing is refused, with where it stands', () => {
  const budget = "budgets: { dear: { usd: '5', models: [smart, smrt] } }"
  const limit = 'limits: { few: { requests: 5, per: minute, models: [gpt-x] } }'
  const slip = '"smrt" meets no entry of `models`; did you mean "smart"?'
  it.each([
    ['an organisation', `acme: { ${budget} }`, 'acme.budgets.dear.models[1]', slip],
    ['a team', `acme: { teams: { t: { ${budget} } } }`, 'acme.teams.t.budgets.dear.models[1]', slip],
    [
      'a project',
      `acme: { teams: { t: { projects: { p: { ${budget} } } } } }`,
      'acme.teams.t.projects.p.budgets.dear.models[1]',
      slip,
    ],
    ['a user', `acme: { users: { ada: { ${budget} } } }`, 'acme.users.ada.budgets.dear.models[1]', slip],
    ['an agent', `acme: { agents: { bot: { ${budget} } } }`, 'acme.agents.bot.budgets.dear.models[1]', slip],
    [
      'a key',
      `acme: { keys: { ci: { hash: "hmac:${'0'.repeat(64)}", ${budget} } } }`,
      'acme.keys.ci.budgets.dear.models[1]',
      slip,
    ],
    [
      'whoever takes the name of a provider',
      `acme: { ${limit} }`,
      'acme.limits.few.models[0]',
      '"gpt-x" meets no entry of `models`; write names that clients use, not those of providers',
    ],
    [
      'a pattern with two stars',
      'acme: { limits: { few: { requests: 5, per: minute, models: ["s*r*"] } } }',
      'acme.limits.few.models[0]',
      '"s*r*" has more than one *, and would meet no model',
    ],
  ])('of %s', (_, organisation, path, message) => {
    expect(check(`organisations: { ${organisation} }`)).toEqual([
      false,
      expect.stringMatching(/weir\.yaml:\d+:\d+ /),
      expect.stringContaining(`organisations.${path}  ${message}`),
    ])
  })

  it('of a model, for the calls of another', () => {
    expect(check('', "budgets: { b: { usd: '1', models: [careful] } }")).toEqual([
      false,
      expect.anything(),
      expect.stringContaining(
        'models.smart.budgets.b.models[0]  "careful" is not the model that it counts for: leave `models` out',
      ),
    ])
  })

  it('but not one that some model meets, by a pattern on either side', () => {
    const models = '[smart, "sm*", openai/gpt-5.2, "*-mini"]'
    expect(
      check(`organisations: { acme: { limits: { few: { requests: 5, per: minute, models: ${models} } } } }`),
    ).toEqual([true, expect.anything(), expect.not.stringContaining('warning  ')])
  })
})

describe('a policy that refuses more than may have been meant is warned of', () => {
  it.each([
    [
      'organisations: { acme: { models: [smart, smrt] } }',
      'organisations.acme.models[1] "smrt" meets no entry of `models`; did you mean "smart"?',
    ],
    [
      'organisations: { acme: { users: { ada: { require: [region:us, region:eu] } } } }',
      'organisations.acme.users.ada.require[0] no target has the tag "region:us": every call is refused',
    ],
    [
      `organisations: { acme: { keys: { ci: { hash: "hmac:${'0'.repeat(64)}", expires: "2020-01-01T00:00:00Z" } } } }`,
      'organisations.acme.keys.ci.expires has passed: the key is refused',
    ],
    [
      "organisations: { acme: { budgets: { b: { usd: '5', unpriced: { ceiling: '10' } } } } }",
      'organisations.acme.budgets.b.unpriced.ceiling is above the cap: every call without a price is refused',
    ],
    [
      'guardrails: { r: { find: [email], action: route, tag: self-hosted } }',
      'guardrails.r.tag no target has the tag "self-hosted": every call with a finding is refused',
    ],
  ])('%s', (more, warning) => {
    expect(check(more)).toEqual([true, expect.anything(), `warning  ${warning}`])
  })
})

/** @returns whether it is valid, the whole text, and the text of its first line after the place. */
function check(more: string, ofModel = '') {
  const file = join(dir, 'weir.yaml')
  writeFileSync(
    file,
    `providers:
  it: { kind: openai-compatible, baseUrl: "http://127.0.0.1:9/v1", tags: [region:eu], prices: { "*": { input: "1", output: "2" } } }
models:
  smart: { targets: [{ provider: it, model: gpt-x }], ${ofModel} }
  careful: { targets: [{ provider: it, model: gpt-x }] }
  openai/*: { targets: [{ provider: it, model: "*" }] }
${more}
`,
  )
  const { isValid, text } = checkConfig(file, {})
  return [isValid, text, text.split('\n')[0]]
}
