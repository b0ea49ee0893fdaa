import { describe, expect, it } from 'vitest'
import { carriedRoutes } from '../../src/gateway/carried/routes.ts'
import { tableOf, plain } from './read-pages.ts'

describe('carried-paths.md', () => {
  it('tells every path that is carried', () => {
    const told = tableOf('docs/carried-paths.md', ['Method', 'Path', 'API']).map((row) => row.map(plain).join(' '))
    expect(told).toEqual(carriedRoutes.map(({ method, path, family }) => `${method} ${path} ${family}`))
  })
})
