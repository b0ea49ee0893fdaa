import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { jsonSchemaOf } from './json-schema.ts'
import { secretRef } from './secrets.ts'

describe('jsonSchemaOf', () => {
  it('tells what may be written: defaults are optional, descriptions and patterns are kept, unknown keys are errors', () => {
    const schema = z.strictObject({
      workers: z.int().min(1).default(1).describe('How many.'),
      apiKey: secretRef,
      at: z.iso.datetime().transform((text) => Date.parse(text)),
    })
    expect(jsonSchemaOf(schema)).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      additionalProperties: false,
      required: ['apiKey', 'at'],
      properties: {
        workers: { type: 'integer', minimum: 1, default: 1, description: 'How many.' },
        apiKey: { type: 'string', pattern: expect.stringContaining('env:') },
        at: { type: 'string' },
      },
    })
  })
})
