import { beforeAll, describe, expect, it } from 'vitest'
import { readJsonBody } from './json-body.ts'
import { spliceJson } from './json-splice.ts'

const names = ['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', '__defineGetter__']

// A file of its own: what is frozen stays frozen for the rest of the process.
describe('the names of prototypes, where Object.prototype is frozen', () => {
  beforeAll(() => {
    Object.freeze(Object.prototype)
  })

  it.each([...names, '__lookupSetter__', 'isPrototypeOf', 'then', 'toJSON', 'length'])(
    'N4 carries the key %s as a member like any other',
    (name) => {
      // The second body has an escape in a key, so that it is read the other way.
      for (const other of ['tool', 't\\u006fol']) {
        const body = Buffer.from(`{"${name}":{"polluted":true},"${other}":{"arguments":{"${name}":[{"${name}":1}]}}}`)
        const { value, scan } = readJsonBody(body, () => false)
        expect(Object.keys(value)).toEqual([name, 'tool'])
        expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
        expect(Reflect.get({}, 'polluted')).toBeUndefined()
        expect(JSON.stringify(value)).toBe(body.toString().replace(other, 'tool'))
        expect(spliceJson(body, scan, [{ key: 'tool', value: 1 }]).toString()).toBe(
          `{"${name}":{"polluted":true},"${other}":1}`,
        )
        const twice = Buffer.from(`{"${name}":1,"x":0,"${name}":2}`)
        expect(() => readJsonBody(twice, () => false)).toThrow(`the key ${name} is given more than once`)
      }
    },
  )
})
