import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { corpusDir, reportMissingCorpus } from '../corpus.ts'
import { doors, meansTheSame, openHostileHouse, valueOf, type Door, type HostileHouse } from './house.ts'
import { ownJson } from './own-json.ts'

let house: HostileHouse

beforeAll(async () => {
  house = await openHostileHouse()
})

afterAll(() => house.close())

const [chat] = doors

describe('D4 JSON bodies', () => {
  it('of the test suite are refused, or mean the same to the provider', async () => {
    const cases = suite()
    for (const door of doors) {
      for (const { name, bytes } of cases) {
        const told = `${name} at ${door.path}`
        await judge(door, name, Buffer.concat([Buffer.from(`${door.start},"hostile":`), bytes, Buffer.from('}')]), told)
        // As a whole body none of them names a model, so all are refused: those that are no objects as such.
        const whole = await house.post(door, bytes)
        expect([told, whole.status, whole.sent]).toEqual([told, 400, undefined])
      }
    }
    expect(house.weir.logged()).not.toContain('"msg":"bug"')
  })

  it('of the test suite as metadata are refused, or kept as they were given', async () => {
    if (!chat) throw new Error('no door')
    for (const { name, bytes } of suite()) {
      // Headers are Latin-1 and hold no control characters: anything else cannot be sent so.
      const text = bytes.toString('latin1')
      if (!/^[\x20-\x7e\x80-\xff]*$/.test(text) || text.length > 8_000) continue
      const ended = house.weir.finished.length
      const { status } = await house.post(chat, Buffer.from(`${chat.start}}`), { 'x-weir-metadata': text })
      await house.weir.ended(ended + 1)
      const isKept = status === 200
      if (!isKept) expect([name, status]).toEqual([name, 400])
      else if (text !== '') {
        const kept: unknown = JSON.parse(house.weir.finished.at(-1)?.records[0]?.metadata ?? '')
        expect(kept).toEqual(JSON.parse(text))
      }
    }
  })

  it.each(ownJson)('N3 N4 $outcome: $name', async ({ body, outcome }) => {
    if (!chat) throw new Error('no door')
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body)
    const { status, sent, text } = await house.post(chat, bytes)
    if (outcome === 'passed') {
      expect(status).toBe(200)
      expect(meansTheSame(sent ?? Buffer.alloc(0), bytes)).toBe(true)
    } else {
      expect([status, sent]).toEqual([outcome === 'refused' ? 400 : 413, undefined])
      expect(JSON.parse(text)).toMatchObject({ error: { type: 'invalid_request_error', message: expect.any(String) } })
    }
    expect('polluted' in {}).toBe(false)
  })
})

async function judge(door: Door, name: string, body: Buffer, told: string): Promise<void> {
  const { status, sent, text } = await house.post(door, body)
  const isJson = valueOf(body) !== undefined
  // Two readers may differ on a key that comes twice, so it is refused although it is JSON (design, section 2).
  const mustPass = name.startsWith('y_') && !name.startsWith('y_object_duplicated_key')
  if (mustPass) expect([told, status]).toEqual([told, 200])
  if (name.startsWith('n_') || !isJson) expect([told, status]).toEqual([told, 400])
  if (status === 200) expect([told, sent && meansTheSame(sent, body)]).toEqual([told, true])
  else {
    expect([told, status, sent]).toEqual([told, 400, undefined])
    expect(text).toMatch(/the (request|JSON) body|the key/)
  }
}

function suite(): readonly { readonly name: string; readonly bytes: Buffer }[] {
  if (corpusDir === undefined) {
    reportMissingCorpus('the JSON test suite at the data listener')
    return []
  }
  const folder = join(corpusDir, 'bad-inputs', 'json')
  return readdirSync(folder).map((name) => ({ name, bytes: readFileSync(join(folder, name)) }))
}
