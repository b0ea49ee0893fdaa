import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAdminHouse, type AdminHouse } from '../../test/admin-house.ts'
import { publicPaths } from './guard.ts'

interface Operation {
  readonly operationId?: string
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly security?: readonly unknown[]
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[]
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: object }>>
}

interface Document {
  readonly openapi: string
  readonly security: readonly unknown[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly tags: readonly { readonly name: string }[]
  readonly components: { readonly schemas: object; readonly securitySchemes: object }
}

let house: AdminHouse
let document: Document
beforeAll(async () => {
  house = await openAdminHouse()
  document = (await house.call('GET', '/api/openapi.json')).body
})
afterAll(() => house.close())

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )

describe('the OpenAPI document', () => {
  it('describes every route of the app and no other', () => {
    const served = house.app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
    const described = operations().map(({ path, method }) => `${method} ${path}`)
    expect(described.toSorted()).toEqual([...new Set(served)].toSorted())
    expect(document.openapi).toBe('3.1.0')
  })

  it('gives each operation a name of its own, a summary and its answers', () => {
    const names = operations().map(({ operation }) => operation.operationId)
    expect(new Set(names).size).toBe(names.length)
    for (const { path, operation } of operations()) {
      expect([path, operation.summary]).toEqual([path, expect.stringMatching(/\.$/)])
      expect(Object.keys(operation.responses).some((status) => status.startsWith('2'))).toBe(true)
      expect(Object.values(operation.responses).every(({ description }) => description !== '')).toBe(true)
    }
  })

  it('lists the tags that its operations have, and no other', () => {
    const used = new Set(operations().flatMap(({ operation }) => operation.tags ?? []))
    expect(document.tags.map(({ name }) => name).toSorted()).toEqual([...used].toSorted())
  })

  it('asks for the admin key everywhere but at the public paths', () => {
    expect(document.security).toEqual([{ adminKey: [] }])
    expect(document.components.securitySchemes).toMatchObject({ adminKey: { type: 'http', scheme: 'bearer' } })
    for (const { path, operation } of operations()) {
      expect([path, operation.security]).toEqual([path, publicPaths.has(path) ? [] : undefined])
      if (!publicPaths.has(path)) expect(Object.keys(operation.responses)).toContain('401')
    }
  })

  it('has a parameter for each place in a path, and no reference without a schema', () => {
    for (const { path, operation } of operations()) {
      const places = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const given = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path')
      expect(given.map(({ name }) => name).toSorted()).toEqual(places.toSorted())
      expect(given.every(({ required }) => required)).toBe(true)
    }
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)]
    expect(references.length).toBeGreaterThan(20)
    for (const [, name] of references) expect(document.components.schemas).toHaveProperty(String(name))
  })

  it('has patterns that other languages can read: ECMA-262 without flags', () => {
    const patterns = [...JSON.stringify(document).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(([, text]) =>
      String(JSON.parse(String(text))),
    )
    expect(patterns.length).toBeGreaterThan(0)
    for (const pattern of patterns) {
      expect(() => new RegExp(pattern)).not.toThrow()
      expect(pattern).not.toMatch(/\\p|\/[a-z]*$/)
    }
  })
})
