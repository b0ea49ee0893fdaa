import { describe, expect, it } from 'vitest'
import { addressKind, connectable, hostnameOf, isPrivateByItself } from './address.ts'

describe('L4: the kind of an address', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['104.18.6.192', 'public'],
    ['2606:4700::6812:6c0', 'public'],
    ['127.0.0.1', 'private'],
    ['127.255.255.254', 'private'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.1', 'public'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['100.128.0.1', 'public'],
    ['198.18.0.1', 'private'],
    ['192.0.2.1', 'private'],
    ['240.0.0.1', 'private'],
    ['169.254.169.254', 'link-local'],
    ['fe80::1', 'link-local'],
    ['::1', 'private'],
    ['fd00::1', 'private'],
    ['fc00:1::1', 'private'],
    ['fec0::1', 'private'],
    ['::ffff:8.8.8.8', 'private'],
    ['::ffff:127.0.0.1', 'private'],
    ['::ffff:7f00:1', 'private'],
    ['::ffff:169.254.169.254', 'link-local'],
    ['::ffff:0.0.0.0', 'nobody'],
    ['64:ff9b::127.0.0.1', 'private'],
    ['64:ff9b::a9fe:a9fe', 'link-local'],
    ['64:ff9b:1::169.254.169.254', 'link-local'],
    ['2002:a9fe:a9fe::1', 'link-local'],
    ['fd00:ec2::254', 'link-local'],
    ['fd00:0ec2:0::0254', 'link-local'],
    ['fd20:ce::254', 'link-local'],
    ['100.100.100.200', 'link-local'],
    ['100.100.100.201', 'private'],
    ['64:ff9b::8.8.8.8', 'private'],
    ['64:ff9b:1::10.0.0.1', 'private'],
    ['2002:7f00:1::', 'private'],
    ['2001:0:1::1', 'private'],
    ['2001:db8::1', 'private'],
    ['::127.0.0.1', 'private'],
    ['4000::1', 'private'],
    ['0.0.0.0', 'nobody'],
    ['0.1.2.3', 'nobody'],
    ['::', 'nobody'],
    ['224.0.0.1', 'nobody'],
    ['ff02::1', 'nobody'],
    ['255.255.255.255', 'nobody'],
    ['example.com', 'nobody'],
    ['127.1', 'nobody'],
    ['0x7f000001', 'nobody'],
    ['', 'nobody'],
  ])('%s is %s', (address, kind) => {
    expect(addressKind(address)).toBe(kind)
  })
})

describe('a base URL that says by itself that it is private', () => {
  it.each([
    'http://127.0.0.1:11434/v1',
    'http://localhost:8000',
    'http://LOCALHOST.:8000',
    'http://ollama.localhost',
    'http://[::1]:80',
    'http://10.1.2.3',
    'http://0x7f.1',
    'http://2130706433',
    'http://[fd00::5]',
  ])('%s', (url) => {
    expect(isPrivateByItself(hostnameOf(url))).toBe(true)
  })

  it.each([
    'https://api.openai.com/v1',
    'http://notlocalhost',
    'http://localhost.evil.example',
    'http://ollama:11434',
    'http://169.254.169.254',
    'http://8.8.8.8',
    'http://127.0.0.1.nip.io',
  ])('%s does not', (url) => {
    expect(isPrivateByItself(hostnameOf(url))).toBe(false)
  })
})

it('L4: private addresses among public ones are left out, and those that no server has always', () => {
  const mixed = ['127.0.0.1', '8.8.8.8', '0.0.0.0', '169.254.169.254', '2606:4700::1', 'no address']
  expect(connectable(mixed, false)).toEqual(['8.8.8.8', '2606:4700::1'])
  expect(connectable(mixed, true)).toEqual(['127.0.0.1', '8.8.8.8', '169.254.169.254', '2606:4700::1'])
})
