import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { outliveLog } from './outlive-log.ts'

describe('a process whose log cannot be written', () => {
  it('D3 28: goes on and tells it once, where it serves', () => {
    const { stdout, stderr } = outlets(true)
    for (let line = 0; line < 3; line += 1) stdout.fail('ENOSPC')
    stderr.fail('ENOSPC')
    expect(stderr.written).toEqual(['weir: the log cannot be written (ENOSPC); lines are lost until it can\n'])
  })

  it('fails, where its output is all that it is for', () => {
    const { stdout, stderr } = outlets(false)
    expect(() => stdout.fail('ENOSPC')).toThrow('ENOSPC')
    expect(() => stderr.fail('ENOSPC')).toThrow('ENOSPC')
  })

  it('minds no reader that went away', () => {
    for (const serves of [true, false]) {
      const { stdout, stderr } = outlets(serves)
      stdout.fail('EPIPE')
      stderr.fail('EPIPE')
      expect(stderr.written).toEqual([])
    }
  })
})

class FailingOutlet extends EventEmitter {
  readonly written: string[] = []
  write(text: string): void {
    this.written.push(text)
  }
  fail(code: string): void {
    this.emit('error', Object.assign(new Error(code), { code }))
  }
}

function outlets(serves: boolean) {
  const both = { stdout: new FailingOutlet(), stderr: new FailingOutlet() }
  outliveLog(both, () => serves)
  return both
}
