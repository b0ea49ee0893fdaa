import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { proofMs, proofSize } from '../../../test/proof/size.ts'
import { seededRandom } from '../../../test/replay-upstream.ts'
import { writePostings } from '../../ledger/amounts.ts'
import { Book } from '../../ledger/book.ts'
import type { Draw } from '../../ledger/hold.ts'
import { encodeSpoolRecord, type SpoolType } from '../../ledger/spool-format.ts'
import { encodeUsagePayload } from '../../ledger/usage-payload.ts'
import { sampleIntent, sampleRecord } from '../laws/sample-records.ts'
import { rebuildAccounts } from './budget-accounts-table.ts'
import { openDatabase } from './database.ts'
import { recoverSpools } from './recover-spool.ts'
import { segmentPath } from './spool-segments.ts'

const caps: Readonly<Record<string, bigint>> = { 'team usd/total@total': 1_000n, 'key tokens/total@total': 1_500n }
const steps = 80
let spoolDir = ''

beforeAll(() => {
  spoolDir = mkdtempSync(join(tmpdir(), 'weir-books-'))
})
afterAll(() => rmSync(spoolDir, { recursive: true }))

describe('the books after a spool that was cut', () => {
  it(
    'I1 I2 I20: are over no cap, and the sum of the records, wherever it was',
    () => {
      const { numRuns: stories, seed = 1 } = proofSize(1)
      for (let story = seed; story < seed + stories; story += 1) {
        const random = seededRandom(story)
        const lines = spoolOfABusyBudget(random)
        let whole = Buffer.alloc(0)
        for (const [place, line] of lines.entries()) {
          checkCut(whole, `story ${story}, before record ${place}`)
          const torn = line.subarray(0, Math.floor(random() * line.length))
          checkCut(Buffer.concat([whole, torn]), `story ${story}, ${torn.length} bytes into record ${place}`)
          whole = Buffer.concat([whole, line])
        }
        checkCut(whole, `story ${story}, nowhere`)
      }
    },
    proofMs,
  )
})

function checkCut(bytes: Uint8Array, where: string): void {
  const database = openDatabase(':memory:', 0)
  try {
    writeFileSync(segmentPath(spoolDir, '00000000000000aa', 1), bytes)
    recoverSpools(database, spoolDir)
    expect(rebuildAccounts(database, undefined).differences, where).toEqual([])
    for (const row of database.prepare('SELECT account_id, posted FROM budget_accounts').all()) {
      const posted = BigInt(String(row['posted']))
      expect(posted, `${String(row['account_id'])}, ${where}`).toBeLessThanOrEqual(
        caps[String(row['account_id'])] ?? -1n,
      )
    }
  } finally {
    database.close()
  }
}

/** Attempts as the gateway notes them, on accounts that are nearly used up: whatever becomes free is used by the next. */
function spoolOfABusyBudget(random: () => number): readonly Uint8Array[] {
  const book = new Book()
  for (const [accountId, cap] of Object.entries(caps)) book.setCap(accountId, cap)
  const lines: Uint8Array[] = []
  const open: string[] = []
  const note = (type: SpoolType, holdId: string, draws: readonly Draw[] | undefined) => {
    const make = type === 'terminal' ? sampleRecord : sampleIntent
    const postings = draws && writePostings(draws)
    lines.push(encodeSpoolRecord(type, encodeUsagePayload(make({ requestId: holdId, postings }))))
  }
  const parts = (holdId: string): readonly Draw[] =>
    (book.hold(holdId)?.draws ?? []).map(({ accountId, amount }) => ({
      accountId,
      amount: BigInt(Math.floor(Number(amount) * random())),
    }))
  for (let step = 0; step < steps; step += 1) {
    const holdId = `hold${step}`
    const draws = Object.keys(caps).map((accountId) => ({ accountId, amount: BigInt(Math.floor(random() * 150)) }))
    const chance = random()
    const some = open[Math.floor(random() * open.length)]
    if (chance < 0.5 && book.reserve(holdId, draws).kind === 'granted') {
      note('intent', holdId, draws)
      book.dispatch(holdId)
      open.push(holdId)
    } else if (some === undefined) continue
    else if (chance < 0.7) {
      // The smaller intent goes before the room that it makes.
      const next = parts(some)
      note('progress', some, next)
      book.shrink(some, next)
    } else {
      const spent = parts(some)
      open.splice(open.indexOf(some), 1)
      note('terminal', some, chance < 0.9 ? spent : undefined)
      if (chance < 0.9) book.post(some, spent)
      else book.void(some)
    }
  }
  return lines
}
