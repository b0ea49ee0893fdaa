import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { adminErrors } from '../../src/admin/contract/error.ts'
import { openAdminHouse } from '../admin-house.ts'
import { tableOf, plain } from './read-pages.ts'

describe('admin-api.md', () => {
  it('tells every path of the API, and every code of its errors', async () => {
    const house = await openAdminHouse()
    const { body } = await house.call('GET', '/api/openapi.json')
    await house.close()
    const paths = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) }).parse(body).paths
    const known = Object.entries(paths).flatMap(([path, verbs]) =>
      Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${path}`),
    )
    const told = tableOf('docs/admin-api.md', ['Method', 'Path', 'What']).map(
      (row) => `${plain(row[0])} ${plain(row[1])}`,
    )
    expect(told.toSorted()).toEqual(known.toSorted())
    expect(
      tableOf('docs/admin-api.md', ['Code', 'Status', 'Meaning']).map((row) => [plain(row[0]), Number(row[1])]),
    ).toEqual(Object.entries(adminErrors).map(([code, { status }]) => [code, status]))
  })
})
