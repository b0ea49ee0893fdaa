import { nearMisses } from './near-misses.ts'
import { personalRows } from './personal-data.ts'
import { secretRows } from './secrets.ts'

/* Writes the hard set for `weir guard evaluate`: `npm run -s guard:set > hard.jsonl`. */
for (const row of [...personalRows(), ...secretRows(), ...nearMisses()])
  process.stdout.write(`${JSON.stringify(row)}\n`)
