import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { systemClock } from '../canonical/clock.ts'
import { reasonOf } from '../canonical/reason-of.ts'
import { detectorsFor, families, kindsByFamily } from '../policies/guardrails/catalog.ts'
import {
  configuredDetectors,
  evaluate,
  NoRow,
  readRows,
  worstSpeeds,
  type EvaluationRow,
  type KindScore,
  type SetScore,
} from '../policies/guardrails/evaluate.ts'
import { findAll } from '../policies/guardrails/detect/find-all.ts'
import type { CommandOutput } from './command-house.ts'
import { CommandFailure } from './failure.ts'
import { writeTable, type Column } from './table.ts'

/** `weir guard`: what is built in, on a text or on marked sets. Offline: no gateway is asked. */
export function guardCommands(program: Command, output: CommandOutput): void {
  const guard = program.command('guard').description('try what guardrails find, without a gateway')

  guard
    .command('test')
    .description(
      'print what is found in a file, with where it stands and not the text itself; exit 1 where anything is',
    )
    .argument('<file>', 'a file of text')
    .option('--json', 'as JSON')
    .action((file: string, { json }: { json?: boolean }) => {
      const text = readText(file)
      const findings = findAll(detectorsFor(families, []), text)
      const rows = findings.map(({ kind, start, end }) => ({ kind, ...placeOf(text, start), length: end - start }))
      if (json) output.write(`${JSON.stringify(rows)}\n`)
      else if (rows.length === 0) output.write('nothing is found\n')
      else
        output.write(
          writeTable<(typeof rows)[number]>(
            [
              { title: 'kind', cell: ({ kind }) => kind },
              { title: 'line', align: 'right', cell: ({ line }) => String(line) },
              { title: 'column', align: 'right', cell: ({ column }) => String(column) },
              { title: 'length', align: 'right', cell: ({ length }) => String(length) },
            ],
            rows,
          ),
        )
      if (rows.length > 0) throw new CommandFailure(`${rows.length} found`)
    })

  guard
    .command('evaluate')
    .description('score what is built in on marked texts, a JSON object a line')
    .argument('<set...>', 'files of rows: set (pii, secrets, injection), label (1, 0), kind, text or textB64, spans')
    .option('--json', 'as JSON, one line')
    .option('--speed', 'also how fast each detector is on a megabyte of its worst case')
    .option('--find <kinds>', `also kinds of no family, with commas between them: ${kindsByFamily.none.join(', ')}`)
    .action((files: readonly string[], { json, speed, find }: { json?: boolean; speed?: boolean; find?: string }) => {
      const also = find?.split(',') ?? []
      const unknown = also.find((kind) => !kindsByFamily.none.includes(kind))
      if (unknown !== undefined)
        throw new CommandFailure(`--find knows no "${unknown}": say ${kindsByFamily.none.join(' or ')}`, 2)
      const monotonicMs = () => systemClock.monotonicMs()
      const scores = evaluate(files.flatMap(rowsOf), monotonicMs, also)
      const everything = [...families, ...kindsByFamily.none]
      const speeds = speed
        ? worstSpeeds([...detectorsFor(everything, []), ...configuredDetectors()], monotonicMs)
        : undefined
      if (json) return output.write(`${JSON.stringify({ scores, ...(speeds && { speeds }) })}\n`)
      for (const score of scores) output.write(scoreText(score))
      if (speeds)
        output.write(
          writeTable<(typeof speeds)[number]>(
            [
              { title: 'detector', cell: ({ kind }) => kind },
              { title: 'worst case', cell: ({ worst }) => worst },
              { title: 'MB/s', align: 'right', cell: (one) => one.megabytesPerSecond.toFixed(1) },
            ],
            speeds,
          ),
        )
    })
}

function scoreText({ set, kinds, all, mustPass, alarms, learnt, megabytesPerSecond }: SetScore): string {
  const number = (title: string, cell: (score: KindScore) => string): Column<KindScore> => ({
    title,
    align: 'right',
    cell,
  })
  const table = writeTable<KindScore>(
    [
      { title: 'kind', cell: ({ kind }) => kind },
      number('hit', ({ hit }) => String(hit)),
      number('missed', ({ missed }) => String(missed)),
      number('false', (score) => String(score.false)),
      number('precision', ({ precision }) => precision.toFixed(3)),
      number('recall', ({ recall }) => recall.toFixed(3)),
      number('F1', ({ f1 }) => f1.toFixed(3)),
    ],
    [...kinds, all],
  )
  const left = learnt === 0 ? '' : `; ${learnt} texts that the classifier was trained on are left out`
  const share = mustPass === 0 ? 0 : (100 * alarms) / mustPass
  return `${set}\n${table}${alarms} of ${mustPass} texts that must pass raised an alarm (${share.toFixed(2)} %); ${megabytesPerSecond.toFixed(1)} MB/s${left}\n\n`
}

function placeOf(text: string, start: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, start).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

function rowsOf(file: string): readonly EvaluationRow[] {
  const text = readText(file)
  try {
    return readRows(text)
  } catch (thrown) {
    if (!(thrown instanceof NoRow)) throw thrown
    throw new CommandFailure(`${file}:${thrown.line}: ${thrown.message}`)
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (thrown) {
    throw new CommandFailure(`${file} cannot be read: ${reasonOf(thrown)}`)
  }
}
