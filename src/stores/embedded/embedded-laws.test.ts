import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { systemClock } from '../../canonical/clock.ts'
import { encodeUsagePayload } from '../../ledger/usage-payload.ts'
import { storeLaws } from '../laws/store-laws.ts'
import { openEmbedded } from './open-embedded.ts'

storeLaws('the embedded store', {
  open: (dir) =>
    openEmbedded({
      dir,
      clock: systemClock,
      reserveBytes: 4096,
      onFailure(failure) {
        throw failure
      },
    }),
  async runAndDie(dir, { intents, terminals }) {
    const child = spawn(process.execPath, [join(import.meta.dirname, '../laws/run-and-die.ts'), dir], {
      stdio: ['pipe', 'inherit', 'inherit'],
    })
    child.stdin.end(
      JSON.stringify({ intents: intents.map(encodeUsagePayload), terminals: terminals.map(encodeUsagePayload) }),
    )
    const [, signal] = await once(child, 'exit')
    if (signal !== 'SIGKILL') throw new Error('the process did not get as far as killing itself')
  },
  tamper(dir, how) {
    const database = new DatabaseSync(join(dir, 'weir.sqlite'))
    if (how.kind === 'remove') database.prepare('DELETE FROM audit_entries WHERE sequence = ?').run(how.sequence)
    else {
      const sql = {
        actor: 'UPDATE audit_entries SET actor = ? WHERE sequence = ?',
        detail: 'UPDATE audit_entries SET detail = ? WHERE sequence = ?',
      }
      database.prepare(sql[how.field]).run(how.value, how.sequence)
    }
    database.close()
  },
})
