import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { configSettings } from '../../src/build/settings.ts'
import { jsonSchemaOf } from '../../src/config/json-schema.ts'
import { defaultDeadlines } from '../../src/routing/settings.ts'
import { plain } from './read-pages.ts'
import { configTables, keysOf, withRepeatsOnce } from './config-keys.ts'
import { kindsText } from './provider-kinds.ts'

describe('configuration.md', () => {
  const known = withRepeatsOnce(keysOf(z.record(z.string(), z.unknown()).parse(jsonSchemaOf(configSettings))))
  const told = configTables()

  it('tells every key of the config, and no other', () => {
    expect([...told.keys()].toSorted()).toEqual([...known.keys()].filter((key) => key !== 'guardrails').toSorted())
  })

  it('tells which keys are required, and the defaults', () => {
    const wrong = [...told].flatMap(([key, row]) => {
      const facts = known.get(key)
      if (!facts) return []
      if (facts.isRequired !== (row.standard === 'required'))
        return [`${key}: is ${facts.isRequired ? '' : 'not '}required`]
      const { standard } = facts
      const isTold =
        standard === undefined ||
        plain(row.standard) === standard ||
        plain(row.standard) === key.replace(/^models\.<>\./, '')
      return isTold ? [] : [`${key}: default ${standard}, told ${row.standard}`]
    })
    expect(wrong).toEqual([])
  })

  it('tells the kinds of provider that have a key', () => {
    const wrong = [...told]
      .filter(([, { kinds }]) => kinds !== undefined)
      .filter(([key, { kinds }]) => kinds !== kindsText(known.get(key)?.kinds ?? new Set()))
    expect(wrong).toEqual([])
  })

  it('tells the default deadlines', () => {
    for (const [key, ms] of Object.entries(defaultDeadlines))
      expect(plain(told.get(`deadlines.${key}`)?.standard)).toBe(String(ms))
  })
})
