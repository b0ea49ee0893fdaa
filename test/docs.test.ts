import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { providersDoc } from '../scripts/write-providers-doc.ts'
import { retryAfterMs } from '../src/alerts/deliver.ts'
import { excessEvent, thresholdEvent } from '../src/alerts/events.ts'
import type { MeasuredLoad } from '../src/accounting/metrics/load.ts'
import { openMetrics } from '../src/accounting/metrics/open-metrics.ts'
import { readPriceFile } from '../src/accounting/price-file.ts'
import { adminErrors } from '../src/admin/contract/error.ts'
import { apiName } from '../src/admin/contract/exchange.ts'
import { checkConfig } from '../src/build/check.ts'
import { configSettings } from '../src/build/settings.ts'
import { budgetPeriods } from '../src/canonical/budget.ts'
import { askedStreamLimits } from '../src/gateway/guards/asked-stream.ts'
import { carriedRoutes } from '../src/gateway/carried/routes.ts'
import { mostKeptLength } from '../src/gateway/guards/finished-texts.ts'
import { errorTable, type ErrorKind } from '../src/canonical/error.ts'
import type { Json } from '../src/canonical/json.ts'
import { usageRecordColumns, usageRecordFields } from '../src/canonical/usage-record.ts'
import { version } from '../src/canonical/version.ts'
import { clientCommands } from '../src/cli/program.ts'
import { jsonSchemaOf } from '../src/config/json-schema.ts'
import { loadConfig } from '../src/config/load.ts'
import { readProviderProblem } from '../src/dialects/shared/problems/provider-problem.ts'
import { providerKinds } from '../src/providers/kinds.ts'
import { hostedKinds } from '../src/providers/openai-compatible/row-kinds.ts'
import { openProvider } from '../src/providers/open-provider.ts'
import { providerSettings } from '../src/providers/settings.ts'
import { readModelName } from '../src/providers/simulated/behaviour.ts'
import type { FailureClass } from '../src/providers/provider.ts'
import { defaultRetry } from '../src/routing/catalog.ts'
import { circuitLimits } from '../src/routing/circuit.ts'
import { decisionLimits } from '../src/routing/decision.ts'
import { firstContentLimits } from '../src/routing/first-content.ts'
import { retryBudgetLimits } from '../src/routing/retry-budget.ts'
import { defaultDeadlines, modelSettings } from '../src/routing/settings.ts'
import { explorationShare } from '../src/routing/strategy.ts'
import { verdictOn } from '../src/routing/verdict.ts'
import { kindsByFamily } from '../src/policies/guardrails/catalog.ts'
import { windowLengths } from '../src/policies/guardrails/external/asked-text.ts'
import { longestAzureText } from '../src/policies/guardrails/external/azure-access.ts'
import { longestBedrockText } from '../src/policies/guardrails/external/bedrock-guardrail.ts'
import { toldByKind } from '../src/policies/guardrails/external/guard-kinds.ts'
import { longestArmorText } from '../src/policies/guardrails/external/model-armor.ts'
import { longestModeratedText, mostModeratedTexts } from '../src/policies/guardrails/external/openai-moderation.ts'
import { pieceOverlap } from '../src/policies/guardrails/external/pieces.ts'
import { longestJoined } from '../src/policies/guardrails/joined-texts.ts'
import { endpoints } from '../src/server/endpoints.ts'
import { sampleBudget } from '../src/stores/laws/sample-budgets.ts'
import { sampleRule } from '../src/stores/laws/sample-limits.ts'
import { sampleRecord } from '../src/stores/laws/sample-records.ts'
import { openAdminHouse } from './admin-house.ts'
import { startGateway, type RunningGateway } from './gateway-fixture.ts'

/*
 * The pages are part of the product: what they repeat of the code is compared with the code, what they show is run.
 */

const root = resolve(import.meta.dirname, '..')
const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md']
  .concat(readdirSync(join(root, 'docs')).map((name) => `docs/${name}`))
  .filter((path) => path.endsWith('.md'))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))

describe('the pages', () => {
  it('lead somewhere with every relative link', () => {
    const dead = pages.flatMap(({ path, text }) =>
      [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)]
        .map((link) => link[1] ?? '')
        .filter((to) => !/^[a-z]+:/.test(to) && !leadsSomewhere(path, to))
        .map((to) => `${path}: ${to}`),
    )
    expect(dead).toEqual([])
  })

  it('show whole configs that `weir check` takes, and fragments that a whole config could hold', () => {
    const blocks = pages.flatMap((page) => codeBlocks(page, 'yaml'))
    expect(blocks.length).toBeGreaterThan(5)
    expect(blocks.flatMap(problemsOfYaml)).toEqual([])
  })

  it('have examples beside them that `weir check` takes', () => {
    const examples = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.yaml'))
    expect(examples.length).toBeGreaterThan(1)
    expect(examples.map((name) => checkConfig(join(root, 'examples', name), {})).filter((one) => !one.isValid)).toEqual(
      [],
    )
  })

  it('name only npm scripts that there are', () => {
    const manifest = z.looseObject({ scripts: z.record(z.string(), z.string()) }).parse(json('package.json'))
    const builtIn = ['ci', 'install', 'pack', 'rebuild', 'run']
    const code = pages.flatMap(({ text }) => text.match(/^```[\s\S]*?^```$|`[^`\n]+`/gm) ?? [])
    const named = code.flatMap((one) =>
      [...one.matchAll(/\bnpm (?:run (?:-s )?)?([a-z:]+)/g)].map((found) => found[1] ?? ''),
    )
    expect(named.filter((name) => !builtIn.includes(name) && !(name in manifest.scripts))).toEqual([])
    expect(named).toContain('start')
  })

  it('show only commands and options that the program has', () => {
    const shown = pages.flatMap((page) =>
      ['sh', 'console'].flatMap((language) =>
        codeBlocks(page, language).flatMap(({ text }) =>
          [...text.matchAll(/^(?:\$ )?(?:\w+=\$\()?(?:weir|npm run -s weir --) (.+)$/gm)].map((line) => line[1] ?? ''),
        ),
      ),
    )
    expect(shown.length).toBeGreaterThan(10)
    const named = pages.flatMap(({ text }) =>
      [...text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/`weir ([a-z][^`\n]*)`/g)].map((span) => span[1] ?? ''),
    )
    expect(named.length).toBeGreaterThan(10)
    // A group of commands may be named alone.
    expect([...shown, ...named.filter((one) => one.includes(' '))].flatMap(problemsOfCommand)).toEqual([])
  })

  it('name only environment variables of Weir that the code reads', () => {
    const code = sourceText()
    const named = new Set(pages.flatMap(({ text }) => text.match(/\bWEIR_[A-Z_]+\b/g) ?? []))
    // These two are the tests' own.
    const ofCode = [...named].filter((name) => name !== 'WEIR_CORPUS' && name !== 'WEIR_SEED')
    expect(ofCode.filter((name) => !code.includes(name))).toEqual([])
    const inCode = new Set(code.match(/\bWEIR_[A-Z_]+\b/g))
    expect(firstCells(tableOf('docs/configuration.md', ['Variable', 'Meaning'])).toSorted()).toEqual(
      [...inCode].toSorted(),
    )
  })

  it('tell the version of package.json, as the program does', () => {
    expect(version).toBe(z.looseObject({ version: z.string() }).parse(json('package.json')).version)
  })
})

describe('configuration.md', () => {
  const known = withRepeatsOnce(keysOf(z.record(z.string(), z.unknown()).parse(jsonSchemaOf(configSettings))))
  const told = configTables()

  it('tells every key of the config, and no other', () => {
    expect([...told.keys()].toSorted()).toEqual([...known.keys()].filter((key) => key !== 'guardrails').toSorted())
  })

  it('tells which keys are required, and the defaults', () => {
    const wrong = [...told].flatMap(([key, row]) => {
      const facts = known.get(key)
      if (!facts) return []
      if (facts.isRequired !== (row.standard === 'required'))
        return [`${key}: is ${facts.isRequired ? '' : 'not '}required`]
      const { standard } = facts
      const isTold =
        standard === undefined ||
        plain(row.standard) === standard ||
        plain(row.standard) === key.replace(/^models\.<>\./, '')
      return isTold ? [] : [`${key}: default ${standard}, told ${row.standard}`]
    })
    expect(wrong).toEqual([])
  })

  it('tells the kinds of provider that have a key', () => {
    const wrong = [...told]
      .filter(([, { kinds }]) => kinds !== undefined)
      .filter(([key, { kinds }]) => kinds !== kindsText(known.get(key)?.kinds ?? new Set()))
    expect(wrong).toEqual([])
  })

  it('tells the default deadlines', () => {
    for (const [key, ms] of Object.entries(defaultDeadlines))
      expect(plain(told.get(`deadlines.${key}`)?.standard)).toBe(String(ms))
  })
})

describe('providers.md', () => {
  it('tells every kind of provider as the code has it', () => {
    expect(pageAt('docs/providers.md').text === providersDoc(), 'run node scripts/write-providers-doc.ts').toBe(true)
  })
})

describe('adding-a-provider.md', () => {
  it('shows a row that is there, as it is there', () => {
    const [block] = codeBlocks(pageAt('docs/adding-a-provider.md'), 'ts')
    const rows = readFileSync(join(root, 'src/providers/openai-compatible/hosted-rows.ts'), 'utf8')
    expect(rows).toContain((block?.text ?? 'no block').replaceAll(/^(?=.)/gm, '  '))
  })
})

describe('routing.md', () => {
  it('tells the paths, and the kinds of provider that speak their dialects', () => {
    const rows = tableOf('docs/routing.md', ["Client's path", 'Dialect', 'Kinds of provider that speak it'])
    const told = rows.map((row) => [plain(row[0]), spans(row[2] ?? '')] as const)
    expect(told).toEqual(
      endpoints.map(({ path, dialect }) => [path, namedKinds().filter((kind) => speaks(kind, dialect.name))]),
    )
  })

  it('tells what follows each class of failure', () => {
    const example: Readonly<Record<FailureClass, ErrorKind>> = {
      stale: 'upstream_unavailable',
      'not-sent': 'upstream_unavailable',
      refused: 'upstream_overloaded',
      unknown: 'upstream_cut',
      partial: 'upstream_cut',
    }
    const rows = tableOf('docs/routing.md', ['Class', 'What was seen', 'Next', 'Counted as'])
    const facts = {
      wasAnew: false,
      attempts: 1,
      hasNextTarget: true,
      hasOtherCredential: false,
      toldWaitMs: undefined,
    }
    const failover = { onContextLength: false, onContentPolicy: false }
    expect(rows.map((row) => [plain(row[0]), plain(row[2])])).toEqual(
      Object.entries(example).map(([name, kind]) => [
        name,
        verdictOn({ ...facts, class: name as FailureClass, kind }, defaultRetry, failover).next,
      ]),
    )
  })

  it('tells every strategy, and everything that makes calls belong together', () => {
    const { shape } = modelSettings
    const orders = firstCells(tableOf('docs/routing.md', ['Strategy', 'Order']))
    expect(orders).toEqual(shape.strategy.unwrap().options)
    const kinds = firstCells(tableOf('docs/routing.md', ['`by`', 'Calls belong together when they have the same']))
    expect(kinds).toEqual(shape.sticky.unwrap().shape.by.options)
  })

  it('tells the bounds of health, retries and measuring as the code has them', () => {
    const text = pageAt('docs/routing.md').text.replaceAll(/\s+/g, ' ')
    const { openMs, longestOpenMs, windowMs, limitedMs, longestLimitedMs, longestRestMs, ...rest } = circuitLimits
    const seconds = (ms: number) => `${(ms / 1_000).toLocaleString('en')} s`
    const percent = (share: number) => `${share * 100} %`
    for (const sentence of [
      `${rest.failuresInARow} failures in a row, or ${percent(rest.ratio)} of ${rest.ratioCalls} calls or more in the last windows of ${seconds(windowMs)}.`,
      `Passed over for ${seconds(openMs)}, twice as long at each opening in a row, up to ${seconds(longestOpenMs)}.`,
      `Passed over until then; ${seconds(longestRestMs)} at most.`,
      `rests for ${seconds(limitedMs)}, twice as long each time in a row, up to ${seconds(longestLimitedMs)}.`,
      `What was last seen ${seconds(rest.forgottenAfterMs)} ago is forgotten.`,
      `has served within the last ${seconds(rest.provenForMs)}, and not failed since`,
      `at most ${percent(retryBudgetLimits.share)} of the first tries under way, and at least ${retryBudgetLimits.least}:`,
      `the last ${firstContentLimits.kept} of the last ${seconds(firstContentLimits.windowMs)}, streams`,
      `tried first for ${percent(explorationShare)} of the calls`,
      `with fewer than ${firstContentLimits.forPercentile} calls there is no hedge`,
      `More than ${decisionLimits.headerBytes.toLocaleString('en')} bytes of it`,
    ])
      expect(text).toContain(sentence)
  })
})

describe('budgets.md', () => {
  const text = pageAt('docs/budgets.md').text.replaceAll(/\s+/g, ' ')

  it('tells every period, and what an alert says, as the code has it', () => {
    expect(firstCells(tableOf('docs/budgets.md', ['`per`', 'Begins anew']))).toEqual([...budgetPeriods])
    const rule = { ...sampleBudget(), id: 'organisation acme/monthly usd/month' }
    const balance = { ...noBalance, accountId: '', ruleId: rule.id }
    const events = [thresholdEvent(rule, balance, 80, 0), excessEvent(rule, balance, 1n, 0)]
    const [threshold, excess] = events.map((event) => z.looseObject({ type: z.string() }).parse(JSON.parse(event)))
    expect(firstCells(tableOf('docs/budgets.md', ['`type`', 'When']))).toEqual([threshold?.type, excess?.type])
    const [block] = codeBlocks(pageAt('docs/budgets.md'), 'json')
    const shown = z.looseObject({ data: z.looseObject({}) }).parse(JSON.parse(block?.text ?? ''))
    const data = z.looseObject({}).parse(threshold?.['data'])
    expect(Object.keys(shown).toSorted()).toEqual(Object.keys(threshold ?? {}).toSorted())
    expect(Object.keys(shown.data)).toEqual(Object.keys(data))
  })

  it('tells when an alert is sent again', () => {
    const [seconds, minutes, half, ...hours] = retryAfterMs
    const list = hours.map((ms) => ms / 3_600_000)
    expect(text).toContain(
      `is tried again after ${(seconds ?? 0) / 1_000} seconds, ${(minutes ?? 0) / 60_000} minutes, ${(half ?? 0) / 60_000} minutes, and ${list.slice(0, -1).join(', ')} and ${list.at(-1)} hours`,
    )
  })
})

describe('usage-and-cost.md', () => {
  it('tells every field of a usage record, in order, as the code has it', () => {
    const rows = tableOf('docs/usage-and-cost.md', ['Field', 'In the API', 'Type', 'May be absent', 'Meaning'])
    expect(rows.map((row) => row.slice(0, 4).map(plain))).toEqual(
      usageRecordFields.map((field) => {
        const { kind, isOptional } = usageRecordColumns[field]
        return [field, apiName(field), kind, isOptional ? 'yes' : 'no']
      }),
    )
  })
})

describe('operations.md', () => {
  it('tells every metric of Weir with its type and labels', async () => {
    const metrics = openMetrics({
      ledger: async () => ({ accounts: 3, holds: 2, unexplained: 0n }),
      running: () => 1,
      waiting: () => 0,
      load: sampleLoad,
      targets: () => [{ id: 'openai/gpt-5.2', state: 'open', running: 1 }],
    })
    const exchange = {
      endpoint: '/',
      isStream: true,
      status: 200,
      errorKind: undefined,
      limits: {
        atMs: 0,
        asks: [{ rule: sampleRule(), value: undefined }],
        states: [{ before: 10, after: 10, resetMs: 1 }],
        waitedMs: 5,
        refused: { place: 0, outlook: { kind: 'after', waitMs: 1 } as const },
      },
    }
    const extraAttempts = [
      { provider: 'openai', kind: 'retry' },
      { provider: 'openai', kind: 'hedge' },
    ] as const
    const seen = { rule: 'r', phase: 'input', place: 'user', path: 'messages[0].content', kind: 'email' } as const
    const guardrails = [{ ...seen, action: 'flag', isShadow: false, count: 1 }] as const
    metrics.note({
      ...exchange,
      guardrails,
      guardrailsTookMs: { input: 0.1 },
      extraAttempts,
      records: [sampleRecord(), sampleRecord({ costNanos: undefined, images: 1 })],
    })
    metrics.noteCredentialRefused('openai#0')
    metrics.noteConnection({ kind: 'opened', provider: 'openai', tls: 'new' })
    metrics.noteConnection({ kind: 'failed', provider: 'openai', at: 'tls' })
    metrics.noteConnection({ kind: 'dns-failed', provider: 'openai' })
    metrics.noteBreakerOpened('openai')
    metrics.noteGuardAsked('moderation', 'clean', 12)
    metrics.noteReload(true)
    metrics.noteRecordFailure()
    const { text } = await metrics.render()
    const known = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)]
      .map(([, name = '', type = '']) => [name, type, labelsOf(text, name)] as const)
      .filter(([name]) => !/^(process|nodejs)_/.test(name))
    const rows = tableOf('docs/operations.md', ['Metric', 'Type', 'Labels', 'Meaning'])
    const told = rows.map((row) => [plain(row[0]), plain(row[1]), spans(row[2] ?? '').toSorted()])
    expect(told.toSorted()).toEqual(known.toSorted())
  })
})

describe('errors.md', () => {
  it('tells every kind of error as the code has it', () => {
    const head = ['Kind', 'Status', 'OpenAI type', 'Anthropic type', 'Other target', 'Client', 'Meaning']
    const told = tablesOf('docs/errors.md', head).map((row) => row.slice(0, 6).map(plain))
    const retry = { no: 'no', yes: 'again', 'after-retry-after': 'after Retry-After', 'until-reset': 'after the reset' }
    const known = Object.entries(errorTable).map(([kind, row]) => [
      kind,
      String(row.status),
      row.openaiType,
      row.anthropicType,
      row.mayTryAnother === 'policy' ? 'by the model' : row.mayTryAnother,
      retry[row.clientRetry],
    ])
    expect(told.toSorted()).toEqual(known.toSorted())
  })
})

describe('errors.md, of what a provider’s error becomes', () => {
  it.each(tableOf('docs/errors.md', ['Provider', 'Status', 'Body', 'Kind']))('%s %s %s', (_, status, body, kind) => {
    const value: Json = JSON.parse((body ?? '').slice(1, -1))
    expect(readProviderProblem(Number(status), value).kind).toBe(plain(kind))
  })
})

describe('admin-api.md', () => {
  it('tells every path of the API, and every code of its errors', async () => {
    const house = await openAdminHouse()
    const { body } = await house.call('GET', '/api/openapi.json')
    await house.close()
    const paths = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) }).parse(body).paths
    const known = Object.entries(paths).flatMap(([path, verbs]) =>
      Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${path}`),
    )
    const told = tableOf('docs/admin-api.md', ['Method', 'Path', 'What']).map(
      (row) => `${plain(row[0])} ${plain(row[1])}`,
    )
    expect(told.toSorted()).toEqual(known.toSorted())
    expect(
      tableOf('docs/admin-api.md', ['Code', 'Status', 'Meaning']).map((row) => [plain(row[0]), Number(row[1])]),
    ).toEqual(Object.entries(adminErrors).map(([code, { status }]) => [code, status]))
  })
})

describe('cli.md', () => {
  it('tells every command with every option', () => {
    const page = pageAt('docs/cli.md').text
    const rows = [...page.matchAll(/^\| `weir ([a-z -]+?)(?: \[file\])?`\s+\|(.+)$/gm)]
    const told = rows.map(([, path = '', rest = '']) => [path, (rest.match(/--[a-z-]+/g) ?? []).toSorted()])
    const known = leaves(program()).map(([path, command]) => [path, optionsOf(command).toSorted()])
    expect(told.toSorted()).toEqual(known.toSorted())
  })
})

describe('simulated-provider.md', () => {
  it('tells every parameter, and no other', () => {
    const source = readFileSync(join(root, 'src/providers/simulated/behaviour.ts'), 'utf8')
    const [grammar = ''] = /const parameters = z\.strictObject\(\{[\s\S]*?\n\}\)/.exec(source) ?? []
    const known = [...grammar.matchAll(/^ {2}([a-z_]+):/gm)].map((line) => line[1] ?? '')
    const told = firstCells(tableOf('docs/simulated-provider.md', ['Parameter', 'Value', 'Meaning']))
    expect(told).toEqual(known)
    expect(readModelName('sim-1?no_such_parameter=1').isValid).toBe(false)
  })

  describe('what becomes of it', () => {
    const head = ['Model name', 'Stream', 'Client sees', 'Code', 'Record', 'Class', '`usageSource`']
    const rows = tableOf('docs/simulated-provider.md', head).map((row) => row.map(plain))
    let weir: RunningGateway

    beforeAll(async () => {
      const providers = "simulated: { kind: simulated, speed: instant, prices: { '*': { input: '1', output: '4' } } }"
      const target = "targets: [{ provider: simulated, model: '*' }]"
      weir = await startGateway({
        config: `
providers: { ${providers} }
models:
  calm/*: { ${target} }
  hurried/*: { ${target}, deadlines: { firstByteMs: 300, firstByteUnaryMs: 300, idleMs: 300 } }
`,
      })
    })
    afterAll(() => weir.close())

    it.each(rows)('%s, stream: %s', async (modelName = '', stream, sees = '', code = '', ...recorded) => {
      // What falls silent is waited for until a deadline; all else has time enough on the slowest machine.
      const catalogName = modelName.includes('stall') ? 'hurried' : 'calm'
      const asked = weir.finished.length
      const answer = await fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          model: `${catalogName}/${modelName}`,
          stream: stream === 'yes',
          messages: [{ role: 'user', content: 'Hello' }],
        }),
      })
      const text = await answer.text()
      await weir.ended(asked + 1)
      const record = weir.finished.at(-1)?.records.at(-1)
      const told = /"code":"([a-z_]+)"/.exec(text)?.[1] ?? ''
      const status = `${answer.status}${answer.ok && told !== '' ? ', error in the stream' : ''}`
      expect([status, told, record?.status, record?.failureClass ?? '', record?.usageSource]).toEqual([
        sees,
        code,
        ...recorded,
      ])
    })
  })
})

const noBalance = {
  value: undefined,
  windowId: '2026-11',
  windowEndMs: undefined,
  cap: 1n,
  posted: 1n,
  held: 0n,
}

function sampleLoad(): MeasuredLoad {
  const common = { memoryShare: 0.5, loopDelayMs: 1, openFiles: 20 }
  return {
    readings: { ...common, exchanges: 1, heldBodyBytes: 1 },
    limits: { ...common, maxExchanges: 1, maxHeldBodyBytes: 1 },
    connections: { open: 1, limit: 1, refused: { total: 1 } },
    shed: { memory: 1 },
    stalls: 1,
  }
}

// --- what a page holds ----------------------------------------------------------------------------------------------

interface Page {
  readonly path: string
  readonly text: string
}

interface CodeBlock {
  readonly where: string
  readonly info: string
  readonly text: string
  /** The line before the block that is not empty. */
  readonly before: string
}

function pageAt(path: string): Page {
  const page = pages.find((one) => one.path === path)
  if (!page) throw new Error(`there is no page ${path}`)
  return page
}

function codeBlocks({ path, text }: Page, language: string): readonly CodeBlock[] {
  return [...text.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)]
    .map((block) => ({
      where: `${path}:${text.slice(0, block.index).split('\n').length}`,
      info: block[1] ?? '',
      text: block[2] ?? '',
      before: text.slice(0, block.index).trimEnd().split('\n').at(-1) ?? '',
    }))
    .filter(({ info }) => info.split(' ')[0] === language)
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/`[^`\n]*`/g, '')
}

function leadsSomewhere(from: string, to: string): boolean {
  const [path = '', anchor] = to.split('#')
  const target = path === '' ? join(root, from) : resolve(root, dirname(from), path)
  if (!existsSync(target)) return false
  if (anchor === undefined) return true
  return headings(pageAt(relative(root, target).replaceAll('\\', '/')).text).includes(anchor)
}

/** The anchors of a page's headings, as forges make them. */
function headings(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** The rows of every table with this head, in the order of the page. */
function tablesOf(path: string, head: readonly string[]): readonly (readonly string[])[] {
  const rows: (readonly string[])[] = []
  let isInside = false
  for (const line of pageAt(path).text.split('\n')) {
    const cells = line.startsWith('|')
      ? line
          .slice(1, line.lastIndexOf('|'))
          .split('|')
          .map((cell) => cell.trim())
      : []
    if (cells.length === head.length && cells.every((cell, place) => cell === head[place])) isInside = true
    else if (cells.length === 0) isInside = false
    else if (isInside && !/^-+:?$/.test(cells[0] ?? '')) rows.push(cells)
  }
  return rows
}

function tableOf(path: string, head: readonly string[]): readonly (readonly string[])[] {
  const rows = tablesOf(path, head)
  if (rows.length === 0) throw new Error(`${path} has no table with the head ${head.join(' | ')}`)
  return rows
}

/** A cell without its markup and without thousands separators. */
function plain(cell: string | undefined): string {
  return (cell ?? '').replaceAll('`', '').replaceAll(/(?<=\d),(?=\d{3})/g, '')
}

function spans(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((span) => span[1] ?? '')
}

function firstCells(rows: readonly (readonly string[])[]): readonly string[] {
  return rows.map((row) => plain(row[0]))
}

function json(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), 'utf8'))
}

function sourceText(): string {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => readFileSync(join(root, 'src', path), 'utf8'))
    .join('\n')
}

function problemsOfYaml({ where, info, text, before }: CodeBlock): readonly string[] {
  if (info === 'yaml prices') return readPriceFile(text, where).ok ? [] : [`${where}: no valid prices file`]
  if (before === '<!-- fragment of a config -->') {
    const loaded = loadConfig(text, where, configSettings)
    return loaded.ok ? [] : loaded.problems.map(({ path, message }) => `${where}: ${path} ${message}`)
  }
  const dir = mkdtempSync(join(tmpdir(), 'weir-docs-'))
  try {
    const file = join(dir, 'weir.yaml')
    writeFileSync(file, text)
    const verdict = checkConfig(file, {})
    return verdict.isValid ? [] : [`${where}: ${verdict.text}`]
  } finally {
    rmSync(dir, { recursive: true })
  }
}

// --- the config ------------------------------------------------------------------------------------------------------

interface ToldKey {
  readonly standard: string
  readonly kinds: string | undefined
}

/** Every row of the tables below a heading that names a place in the config; names of one's own become `<>`. */
function configTables(): ReadonlyMap<string, ToldKey> {
  const told = new Map<string, ToldKey>()
  let place = ''
  for (const line of pageAt('docs/configuration.md').text.split('\n')) {
    if (line.startsWith('#')) place = /^### `([^`]+)`$/.exec(line)?.[1] ?? ''
    const [key, ...cells] = line.startsWith('| `')
      ? line
          .slice(1, -1)
          .split('|')
          .map((cell) => cell.trim())
      : []
    if (place === '' || key === undefined) continue
    const [kinds, standard = ''] = cells.length === 3 ? cells : [undefined, cells[0]]
    const path = place === plain(key) ? place : `${place}.${plain(key)}`
    told.set(path.replaceAll(/<\w+>/g, '<>').replaceAll('[]', ''), { standard, kinds })
  }
  return told
}

interface KnownKey {
  readonly isRequired: boolean
  readonly standard: string | undefined
  /** The kinds of provider that have it. */
  readonly kinds: ReadonlySet<string>
}

type SchemaNode = Readonly<Record<string, unknown>>

/** The leaves of a JSON schema. Lists leave no mark; where variants differ, a key is required when it is in all that have it. */
function keysOf(schema: SchemaNode): ReadonlyMap<string, KnownKey> {
  const found = new Map<string, KnownKey>()
  walk(schema, '', false, undefined)
  return found

  function walk(node: SchemaNode, path: string, isRequired: boolean, kind: string | undefined): void {
    const variants = [...nodes(node['oneOf']), ...nodes(node['anyOf'])]
    for (const variant of variants) walk(variant, path, isRequired, kind ?? kindOf(variant))
    const [items] = nodes([node['items']])
    if (items) return walk(items, path, isRequired, kind)
    const [named] = nodes([node['additionalProperties']])
    if (named) return walk(named, `${path}.<>`, false, kind)
    const required: readonly unknown[] = Array.isArray(node['required']) ? node['required'] : []
    for (const [key, inner] of Object.entries(nodeOf(node['properties']))) {
      walk(nodeOf(inner), path === '' ? key : `${path}.${key}`, required.includes(key), kind)
    }
    if (variants.length > 0 || node['properties'] !== undefined) return
    const before = found.get(path)
    found.set(path, {
      isRequired: isRequired && (before?.isRequired ?? true),
      standard: before?.standard ?? standardOf(node),
      kinds: new Set([...(before?.kinds ?? []), ...(kind === undefined ? [] : [kind])]),
    })
  }
}

/** Limits, budgets, guardrails and networks look the same wherever they stand, and later prices as the first: the page tells where, and once how. */
function withRepeatsOnce(known: ReadonlyMap<string, KnownKey>): ReadonlyMap<string, KnownKey> {
  const folded = new Map<string, KnownKey>()
  for (const [path, key] of known) {
    const [row, ofLater] = path.split('.later.')
    if (ofLater !== undefined) {
      folded.set(`${row}.later`, { ...key, isRequired: false, standard: undefined })
      continue
    }
    const [, ofGuard] = /(?:^|\.)(guardrails\.<>\.ask\.network)\./.exec(path) ?? []
    if (ofGuard !== undefined) {
      folded.set(ofGuard, { ...key, isRequired: false, standard: undefined })
      continue
    }
    const [, where, kind, inside] = /^(.*)\.(limits|budgets|guardrails)\.<>\.(.*)$/.exec(path) ?? []
    if (inside === undefined) folded.set(path, key)
    else {
      folded.set(`${where}.${kind}`, { ...key, isRequired: false, standard: undefined })
      folded.set(`${kind}.<>.${inside}`, key)
    }
  }
  return folded
}

function standardOf(node: SchemaNode): string | undefined {
  if (node['default'] !== undefined) return String(node['default'])
  const inWords = /Default ([\d,]+|true|false)\.$/.exec(String(node['description'] ?? ''))?.[1]
  return inWords === undefined ? undefined : plain(inWords)
}

function kindOf(variant: SchemaNode): string | undefined {
  const { const: kind, enum: kinds } = nodeOf(nodeOf(variant['properties'])['kind'])
  if (Array.isArray(kinds)) return wordOfRows(kinds)
  return typeof kind === 'string' ? kind : undefined
}

/** Rows are many and alike: the pages have a word for each of their two tables, and providers.md lists them. */
function wordOfRows(kinds: readonly unknown[]): string {
  return hostedKinds.some((kind) => kinds.includes(kind)) ? 'hosted' : 'own servers'
}

function nodeOf(value: unknown): SchemaNode {
  const parsed = z.record(z.string(), z.unknown()).safeParse(value)
  return parsed.success ? parsed.data : {}
}

function nodes(value: unknown): readonly SchemaNode[] {
  return Array.isArray(value) ? value.map(nodeOf).filter((node) => Object.keys(node).length > 0) : []
}

function kindsOfProvider(): readonly string[] {
  return providerSettings.options.map(({ shape: { kind } }) =>
    'options' in kind ? wordOfRows(kind.options) : kind.value,
  )
}

/** Those that the pages call by their own names. */
function namedKinds(): readonly string[] {
  return kindsOfProvider().filter((kind) => kind in providerKinds)
}

function kindsText(kinds: ReadonlySet<string>): string {
  const others = kindsOfProvider().filter((kind) => !kinds.has(kind))
  if (others.length === 0) return 'all'
  return others.length === 1 ? `all but ${others[0]}` : [...kinds].join(', ')
}

function speaks(kind: string, dialectName: string): boolean {
  const baseUrl = { baseUrl: 'http://127.0.0.1:9' }
  const settings = providerSettings.parse({
    kind,
    ...baseUrl,
    ...(identities[kind] ?? { credentials: { apiKey: 'env:KEY' } }),
  })
  return dialectName in openProvider('any', settings, [], { simulatedOrigin: baseUrl.baseUrl }).endpoints
}

/** What some kinds want in place of API keys. */
const identities: Readonly<Record<string, object>> = {
  vertex: { project: 'p' },
  bedrock: { region: 'eu-central-1' },
}

function labelsOf(text: string, name: string): readonly string[] {
  const found = new Set<string>()
  for (const line of text.split('\n')) {
    if (!new RegExp(`^${name}(?:_bucket|_sum|_count)?\\{`).test(line)) continue
    for (const [, label = ''] of line.matchAll(/[{,](\w+)="/g)) if (label !== 'le') found.add(label)
  }
  return [...found].toSorted()
}

// --- the program -----------------------------------------------------------------------------------------------------

/** The commands of `main.ts`, which cannot be imported since it runs, and those of the admin API's clients. */
function program(): Command {
  const whole = new Command('weir')
  whole.command('serve').option('-c, --config <file>')
  whole.command('check').argument('[file]')
  whole.command('schema')
  clientCommands(whole, { write: () => {}, error: () => {} })
  return whole
}

function leaves(command: Command, path: readonly string[] = []): readonly (readonly [string, Command])[] {
  const inner = command.commands.flatMap((one) => leaves(one, [...path, one.name()]))
  return doesSomething(command) ? [[path.join(' '), command], ...inner] : inner
}

/** Without a further word. One that only holds others has no options of its own. */
function doesSomething(command: Command): boolean {
  return command.commands.length === 0 || command.options.length > 0
}

/** But for those that every client of the admin API has. */
function optionsOf(command: Command): readonly string[] {
  return command.options.map(({ long }) => long ?? '').filter((name) => name !== '--admin' && name !== '--json')
}

function problemsOfCommand(line: string): readonly string[] {
  const words = line.split(/\s+/).filter((word) => word !== '')
  let command = program()
  for (const word of words) {
    const inner = command.commands.find((one) => one.name() === word || one.aliases().includes(word))
    if (!inner) break
    command = inner
  }
  if (!doesSomething(command)) return line.startsWith('<command>') ? [] : [`weir ${line}: no such command`]
  const known = [...command.options.map(({ long }) => long), '--help']
  return words
    .filter((word) => word.startsWith('--') && !known.includes(word.split('=')[0]))
    .map((word) => `weir ${line}: no option ${word}`)
}

describe('carried-paths.md', () => {
  it('tells every path that is carried', () => {
    const told = tableOf('docs/carried-paths.md', ['Method', 'Path', 'API']).map((row) => row.map(plain).join(' '))
    expect(told).toEqual(carriedRoutes.map(({ method, path, family }) => `${method} ${path} ${family}`))
  })
})

describe('guardrails.md', () => {
  it('tells every kind that is found, with its family', () => {
    const rows = tableOf('docs/guardrails.md', ['Kind', 'Family', 'What counts'])
    expect(rows.map(([kind, family]) => [plain(kind), plain(family)])).toEqual(
      Object.entries(kindsByFamily).flatMap(([family, kinds]) => kinds.map((kind) => [kind, family])),
    )
  })

  it('tells every service that can be asked, and what it tells of what it found', () => {
    const rows = tableOf('docs/guardrails.md', ['Kind', 'Asks', 'Needs', 'Finds', 'Places', 'Scores'])
    expect(rows.map((row) => [plain(row[0]), row[4] !== 'no', row[5] !== 'no'])).toEqual(
      Object.entries(toldByKind).map(([kind, { places, scores }]) => [kind, places, scores]),
    )
  })

  it('tells the pieces of streams that are asked about, and how much is held, as the code has it', () => {
    const text = pageAt('docs/guardrails.md').text.replaceAll(/\s+/g, ' ')
    const { piece, overlap } = windowLengths
    for (const sentence of [
      `Pieces of about ${piece.toLocaleString('en')} characters, each once it was looked at. The last ${overlap} wait`,
      `no longer than the ${overlap} characters that wait`,
      `judged as one as well, up to their last ${longestJoined.toLocaleString('en')} characters`,
      `Up to ${askedStreamLimits.heldLength.toLocaleString('en')} characters are held`,
    ])
      expect(text).toContain(sentence)
    expect(mostKeptLength).toBe(askedStreamLimits.heldLength)
  })

  it('tells how much a service is asked about at once, as the code has it', () => {
    const text = pageAt('docs/guardrails.md').text.replaceAll(/\s+/g, ' ')
    const written = (count: number) => count.toLocaleString('en')
    expect(longestAzureText).toBe(longestArmorText)
    for (const sentence of [
      `OpenAI's takes ${mostModeratedTexts} at once`,
      `(${written(longestAzureText)} characters for Azure and Model Armor, ${written(longestBedrockText)} for Bedrock, ${written(longestModeratedText)} for OpenAI)`,
      `overlap by ${pieceOverlap} characters`,
    ])
      expect(text).toContain(sentence)
  })
})
