import { expect, it } from 'vitest'
import { hostAndPort } from './host-and-port.ts'

it.each([
  ['127.0.0.1:8081', []],
  ['[::1]:0', []],
  ['localhost:65535', []],
  ['127.0.0.1', ['write HOST:PORT, such as 127.0.0.1:8081']],
  ['http://x:1', ['write HOST:PORT, such as 127.0.0.1:8081']],
  ['127.0.0.1:65536', ['the port is above 65535']],
])('%s has one problem at most', (text, problems) => {
  expect(hostAndPort.safeParse(text).error?.issues.map(({ message }) => message) ?? []).toEqual(problems)
})
