import { describe, expect, it } from 'vitest'
import { loadConfig } from '../config/load.ts'
import { describeProblems } from '../config/problem.ts'
import { alertsSettings } from './settings.ts'

const problemsOf = (url: string) => {
  const loaded = loadConfig(`finance: { url: '${url}', secret: env:ALERTS }`, 'weir.yaml', alertsSettings)
  return loaded.ok ? '' : describeProblems(loaded.problems)
}

describe('where alerts are posted', () => {
  it.each(['https://finance.example/hook?room=1', 'http://127.0.0.1:9000/'])('may be %s', (url) => {
    expect(problemsOf(url)).toBe('')
  })

  it('L1: is no address that holds a user name or a password, which could not be posted to', () => {
    for (const login of ['user', 'user:password-of-ours', ':password-of-ours']) {
      const told = problemsOf(`https://${login}@finance.example/hook`)
      expect(told).toMatch(/finance\.url {2}must not hold a user name or a password/)
      expect(told).not.toContain('password-of-ours')
    }
  })

  it.each(['finance.example', 'ftp://finance.example'])('is not %s', (url) => {
    expect(problemsOf(url)).toMatch(/must be an http or https URL/)
  })
})
