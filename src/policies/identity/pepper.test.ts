import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SetupProblem } from '../../config/setup-problem.ts'
import { loadPepper } from './pepper.ts'

let dataDir: string
beforeEach(() => {
  dataDir = join(mkdtempSync(join(tmpdir(), 'weir-pepper-')), 'data')
})
afterEach(() => rmSync(join(dataDir, '..'), { recursive: true, force: true }))

const ofVariable = (text: string): Buffer => loadPepper({ env: { WEIR_PEPPER: text }, dataDir })

describe('loadPepper', () => {
  it('makes 32 random bytes at the first start, for the owner only, and finds them at the next', () => {
    const first = loadPepper({ env: {}, dataDir })
    expect(first).toHaveLength(32)
    expect(statSync(join(dataDir, 'pepper')).mode & 0o777).toBe(0o600)
    expect(statSync(dataDir).mode & 0o777).toBe(0o700)
    expect(loadPepper({ env: {}, dataDir })).toEqual(first)
    expect(readFileSync(join(dataDir, 'pepper'))).toEqual(first)
  })

  it('a file that others can read is refused, and so is one of another length', () => {
    loadPepper({ env: {}, dataDir })
    const path = join(dataDir, 'pepper')
    chmodSync(path, 0o644)
    expect(() => loadPepper({ env: {}, dataDir })).toThrow(`chmod 600 ${path}`)
    chmodSync(path, 0o600)
    for (const bytes of [Buffer.alloc(0), randomBytes(31), randomBytes(33)]) {
      writeFileSync(path, bytes)
      expect(() => loadPepper({ env: {}, dataDir })).toThrow(SetupProblem)
    }
  })

  it('the variable comes first and touches no file', () => {
    expect(ofVariable('0123456789abcdef'.repeat(4))).toEqual(Buffer.from('0123456789abcdef'.repeat(4), 'hex'))
    expect(() => statSync(dataDir)).toThrow('ENOENT')
  })

  it('hex, base64, base64url and plain text are told apart by their form', () => {
    const bytes = randomBytes(33)
    expect(ofVariable(bytes.toString('hex'))).toEqual(bytes)
    expect(ofVariable(bytes.toString('hex').toUpperCase())).toEqual(bytes)
    expect(ofVariable(bytes.toString('base64'))).toEqual(bytes)
    expect(ofVariable(bytes.toString('base64url'))).toEqual(bytes)
    expect(ofVariable(`${randomBytes(32).toString('base64')}`)).toHaveLength(32)
    const plain = 'correct.horse.battery.staple.and.one.more'
    expect(ofVariable(plain)).toEqual(Buffer.from(plain))
    // 40 letters are base64 of only 30 bytes, so they mean themselves.
    const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN'
    expect(ofVariable(letters)).toEqual(Buffer.from(letters))
  })

  it.each([
    ['empty', ''],
    ['too short', 'hunter2'],
    ['too short in hex', 'ab12'.repeat(7)],
    ['with a line break', `${randomBytes(32).toString('hex')}\n`],
  ])('a variable that is %s is refused, and never echoed', (_name, text) => {
    let thrown: unknown
    try {
      ofVariable(text)
    } catch (problem) {
      thrown = problem
    }
    expect(thrown).toBeInstanceOf(SetupProblem)
    if (text !== '') expect(String(thrown)).not.toContain(text)
  })
})
