import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { encodeSpoolRecord } from '../../src/ledger/spool-format.ts'
import { encodeUsagePayload } from '../../src/ledger/usage-payload.ts'
import { segmentPath, spoolDirOf } from '../../src/stores/embedded/spool-segments.ts'
import { sampleIntent, sampleRecord } from '../../src/stores/laws/sample-records.ts'
import { makeHome, startGatewayProcess } from './gateway-process.ts'
import { endAll } from './node-process.ts'
import { readStore } from './read-store.ts'

/*
 * How long a start takes that finds a full spool: `npm run recovery -- --records 100000`. A gateway that died is made up: an intent and
 * an end for each attempt, but for the last ones, which were under way. Prints how long it took until it served, beside a start
 * with nothing to recover. Exit code 1 where a record is missing.
 */
const { values } = parseArgs({ options: { records: { type: 'string', default: '100000' } } })
const records = Number(values.records)
if (!Number.isSafeInteger(records) || records < 2) throw new Error('--records must be a whole number, at least 2')

const segmentBytes = 8 * 1024 * 1024
const openAttempts = Math.min(200, Math.floor(records / 2))
const endedAttempts = Math.floor((records - openAttempts) / 2)

const dir = mkdtempSync(join(tmpdir(), 'weir-recovery-'))
try {
  const home = makeHome(
    dir,
    'providers:\n  sim: { kind: simulated }\nmodels:\n  m: { targets: [{ provider: sim, model: m }] }\n',
  )
  const first = await startGatewayProcess(home)
  await first.end('SIGTERM')
  const empty = await startGatewayProcess(home)
  await empty.end('SIGTERM')
  writeSpool(home.dataDir)
  const full = await startGatewayProcess(home)
  await full.end('SIGTERM')
  const left = readStore(home.dataDir)
  const unknown = left.records.filter(({ status }) => status === 'unknown').length
  const posted = [...left.posted.values()].reduce((sum, one) => sum + one, 0n)
  console.log(`recovery: ${2 * endedAttempts + openAttempts} spool records of ${endedAttempts + openAttempts} attempts`)
  console.log(
    `served after ${Math.round(full.readyMs)} ms; with nothing to recover after ${Math.round(empty.readyMs)} ms`,
  )
  console.log(
    `records ${left.records.length}, of which ${unknown} unknown; posted ${posted}; integrity ${left.integrity}`,
  )
  const isWhole =
    left.records.length === endedAttempts + openAttempts &&
    unknown === openAttempts &&
    posted === BigInt(endedAttempts + 2 * openAttempts) &&
    left.integrity === 'ok' &&
    left.spoolFiles.length === 0
  if (!isWhole) console.log('NOT everything is there')
  process.exitCode = isWhole ? 0 : 1
} finally {
  endAll()
  rmSync(dir, { recursive: true, force: true })
}

function writeSpool(dataDir: string): void {
  const spoolDir = spoolDirOf(dataDir)
  mkdirSync(spoolDir, { recursive: true })
  let sequence = 1
  let lines: Uint8Array[] = []
  let bytes = 0
  const flush = () => {
    if (lines.length > 0) writeFileSync(segmentPath(spoolDir, '00000000000000aa', sequence), Buffer.concat(lines))
    ;[sequence, lines, bytes] = [sequence + 1, [], 0]
  }
  const add = (line: Uint8Array) => {
    lines.push(line)
    bytes += line.length
    if (bytes >= segmentBytes) flush()
  }
  for (let attempt = 0; attempt < endedAttempts + openAttempts; attempt += 1) {
    const requestId = `r${attempt}`
    const postings = (amount: number) => JSON.stringify([['team tokens/total@total', String(amount)]])
    add(encodeSpoolRecord('intent', encodeUsagePayload(sampleIntent({ requestId, postings: postings(2) }))))
    if (attempt < endedAttempts)
      add(encodeSpoolRecord('terminal', encodeUsagePayload(sampleRecord({ requestId, postings: postings(1) }))))
  }
  flush()
}
