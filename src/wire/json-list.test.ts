import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findSpan, splitList } from './json-list.ts'

const split = (text: string, ...path: readonly string[]) => {
  const bytes = Buffer.from(text)
  const found = splitList(
    bytes,
    path.map((name) => [name]),
  )
  if (!found) return undefined
  const elements = Array.from(found.elements, ({ start, end }) => bytes.subarray(start, end).toString())
  return { rest: found.rest.toString(), elements }
}

describe('splitList', () => {
  it('gives each element as it is written, and the rest with the list left empty', () => {
    const text = ' {"a": "[\\"]", "b" : {"é\\u0062":[ 1.0 ,{"x":[2]}, "]" ]}, "c":null}'
    expect(split(text, 'b', 'éb')).toEqual({
      rest: ' {"a": "[\\"]", "b" : {"é\\u0062":[]}, "c":null}',
      elements: ['1.0', '{"x":[2]}', '"]"'],
    })
    expect(split('{"a":[ ]}', 'a')).toEqual({ rest: '{"a":[]}', elements: [] })
  })

  it.each([
    ['no object', '[1]'],
    ['no such member', '{"b":[1]}'],
    ['no list', '{"a":{"b":1}}'],
    ['no end', '{"a":[1'],
    ['no colon', '{"a" [1]}'],
  ])('finds nothing where there is %s', (_, text) => {
    expect(split(text, 'a')).toBe(undefined)
  })

  it.each([['[1 2]'], ['[1,]'], ['[,1]'], ['[1}'], ['[1,,2]'], ['[[1]']])('refuses a list that is none: %s', (list) => {
    // What no list is at all is not found, and left to whoever parses the body.
    const text = `{"a":${list}}`
    expect(() => {
      if (split(text, 'a') === undefined) JSON.parse(text)
    }).toThrow()
  })

  it('finds in any JSON what a parser finds', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()), (list, others) => {
        const text = JSON.stringify({ ...others, list, z: 1 }, undefined, 1)
        const found = split(text, 'list')
        expect(found?.elements.map((element): unknown => JSON.parse(element))).toEqual(JSON.parse(JSON.stringify(list)))
        expect(JSON.parse(found?.rest ?? '')).toEqual({ ...JSON.parse(text), list: [] })
      }),
    )
  })
})

it('findSpan gives the place of a value below others, under any of its names', () => {
  const bytes = Buffer.from('{"x":1,"in_it":{"é":2,"model":"g"}}')
  const span = findSpan(bytes, [['inIt', 'in_it'], ['model']])
  expect(bytes.subarray(span?.start, span?.end).toString()).toBe('"g"')
})
