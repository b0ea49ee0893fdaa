import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { scoreOf, type Model } from '../src/policies/guardrails/injection/model.ts'
import { featuresOf } from '../src/policies/guardrails/injection/features.ts'
import { synthetic } from './injection/synthetic.ts'
import { trainModel, type Example } from '../src/policies/guardrails/injection/train.ts'

/*
 * Trains the classifier of prompt injections, and says how good it is on what it has not seen:
 *
 *     npm run train:injection                     # five-fold cross-validation, each source left out, no weights written
 *     npm run train:injection -- --write          # also src/policies/guardrails/injection/weights.json, from everything
 *
 * The data is `guardrail-sets/injection.jsonl` of the corpus: public sets, told in docs/guardrails.md. Texts that share an attack, a
 * text around it, or a system prompt are always in one fold. Texts that `injection/synthetic.ts` makes are learnt beside them, and are
 * scored apart: each family of them by a model that has seen none of it. The same data gives the same bytes.
 */
const { values } = parseArgs({
  options: { write: { type: 'boolean', default: false }, falseAlarms: { type: 'string', default: '0.02' } },
})
const mostFalseAlarms = Number(values.falseAlarms)
const folds = 5

interface Row {
  readonly id: string
  readonly label: 0 | 1
  readonly kind: string
  readonly source: string
  readonly text: string
  readonly attack?: string
  readonly system?: string
}

const corpus = resolve(process.env['WEIR_CORPUS'] ?? join(import.meta.dirname, '../../shared'))
const rows = readFileSync(join(corpus, 'guardrail-sets/injection.jsonl'), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Row)
const examples: readonly Example[] = rows.map(({ text, label }) => ({ features: featuresOf(text), label }))
const made = synthetic().map((one) => ({ ...one, features: featuresOf(one.text) }))
const groups = groupsOf(rows)

const foldOf = groups.map((group) => createHash('sha256').update(group).digest().readUInt32BE(0) % folds)
const scores = scoredByOthers(foldOf.map(String))
const threshold = thresholdOf(scores)
console.log(`five-fold cross-validation, ${rows.length} texts in ${new Set(groups).size} groups`)
tell(scores, threshold)
console.log('\neach source left out in turn, from the same score')
const withoutSource = scoredByOthers(rows.map(({ source }) => source.split(':')[0] ?? source))
tell(withoutSource, threshold)
console.log('\neach source left out in turn, from the score that as few harmless texts reach')
tell(withoutSource, thresholdOf(withoutSource))
console.log(`\nof ${made.length} texts made here, each family left out in turn: taken for attacks`)
for (const family of new Set(made.map((one) => one.family))) tellFamily(family)

if (values.write) {
  const model = trainModel([...examples, ...made])
  const scale = Math.max(...model.weights.map(Math.abs)) / 127
  const packed = Buffer.from(Int8Array.from(model.weights, (weight) => Math.round(weight / scale)).buffer)
  const learnt = [...rows, ...made]
    .map(({ text }) => createHash('sha256').update(text).digest('hex').slice(0, 10))
    .toSorted()
  const file = join(import.meta.dirname, '../src/policies/guardrails/injection/weights.json')
  const round = (value: number) => Number(value.toFixed(6))
  writeFileSync(
    file,
    `${JSON.stringify({ bias: round(model.bias), scale, threshold: round(threshold), learnt: learnt.join(''), weights: packed.toString('base64') }, null, 2)}\n`,
  )
  console.log(`\nwritten: ${file}`)
}

/** Each text's score by a model that has seen none of its part. */
function scoredByOthers(parts: readonly string[]): readonly number[] {
  const models = new Map<string, Model>()
  for (const part of new Set(parts))
    models.set(part, trainModel([...examples.filter((_, place) => parts[place] !== part), ...made]))
  return examples.map(({ features }, place) => {
    const model = models.get(parts[place] ?? '')
    if (!model) throw new Error('a text is in no part')
    return scoreOf(features, model)
  })
}

function tellFamily(family: string): void {
  const model = trainModel([...examples, ...made.filter((one) => one.family !== family)])
  const of = made.filter((one) => one.family === family)
  const caught = of.filter(({ features }) => scoreOf(features, model) > threshold).length
  console.log(`  ${family.padEnd(32)} ${caught} of ${of.length} (${((100 * caught) / of.length).toFixed(1)} %)`)
}

/** Below it are all harmless texts but the share that may raise an alarm. */
function thresholdOf(scored: readonly number[]): number {
  const harmless = scored.filter((_, place) => rows[place]?.label === 0).toSorted((one, other) => other - one)
  return harmless[Math.floor(harmless.length * mostFalseAlarms)] ?? 1
}

function tell(scored: readonly number[], from: number): void {
  const count = (wanted: (row: Row) => boolean) => {
    const of = rows.flatMap((row, place) => (wanted(row) ? [scored[place] ?? 0] : []))
    const caught = of.filter((score) => score > from).length
    return `${caught} of ${of.length} (${((100 * caught) / Math.max(1, of.length)).toFixed(1)} %)`
  }
  const kinds = [
    ...new Set(rows.filter(({ label }) => label === 1).map(({ kind }) => kind.split(':')[0] ?? kind)),
  ].toSorted()
  for (const kind of kinds)
    console.log(`  caught  ${kind.padEnd(24)} ${count((row) => row.label === 1 && row.kind.split(':')[0] === kind)}`)
  console.log(
    `  caught  ${'jailbreaks'.padEnd(24)} ${count((row) => row.label === 1 && row.kind.startsWith('jailbreak'))}`,
  )
  console.log(`  caught  ${'all'.padEnd(24)} ${count((row) => row.label === 1)}`)
  console.log(
    `  alarms  ${'harmless'.padEnd(24)} ${count((row) => row.label === 0)}, from a score of ${from.toFixed(3)}`,
  )
}

/** Texts that share anything by which one could be told from the other are one group. */
function groupsOf(all: readonly Row[]): readonly string[] {
  const parents = new Map<string, string>()
  const rootOf = (name: string): string => {
    let root = name
    for (let parent = parents.get(root); parent !== undefined && parent !== root; parent = parents.get(root))
      root = parent
    return root
  }
  const join = (one: string, other: string) => {
    const [from, to] = [rootOf(one), rootOf(other)]
    if (from !== to) parents.set(from, to)
  }
  const near = 80
  for (const { id, text, attack, system } of all) {
    const row = `row ${id}`
    const said = plain(text)
    join(row, `text ${said.slice(0, near)}`)
    join(row, `end ${said.slice(-near)}`)
    if (attack !== undefined) {
      const around = plain(text.replace(attack, ''))
      join(row, `text ${plain(attack).slice(0, near)}`)
      join(row, `text ${around.slice(0, near)}`)
      join(row, `end ${around.slice(-near)}`)
    }
    if (system !== undefined) join(row, `system ${plain(system).slice(0, near)}`)
  }
  return all.map(({ id }) => rootOf(`row ${id}`))
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll(/\s+/g, ' ').trim()
}
