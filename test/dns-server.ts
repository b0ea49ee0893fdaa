import { createSocket } from 'node:dgram'
import { promises as dns } from 'node:dns'
import type { Lookup } from '../src/providers/resolver.ts'

/** What the server says to every question: an address, one of DNS's own errors, or nothing at all. */
export type DnsAnswer = { readonly address: string } | { readonly code: 'NXDOMAIN' | 'SERVFAIL' } | 'silence'

/** A real DNS server on loopback, and a lookup that asks it. */
export interface DnsServer {
  readonly lookup: Lookup
  /** From now on. */
  say(answer: DnsAnswer): void
  /** Resolves at the next question. */
  asked(): Promise<void>
  close(): void
}

const codes = { NXDOMAIN: 3, SERVFAIL: 2 } as const

export async function startDns(first: DnsAnswer): Promise<DnsServer> {
  let answer = first
  let waiting: (() => void)[] = []
  const socket = createSocket('udp4')
  socket.on('message', (question, from) => {
    for (const resolve of waiting.splice(0)) resolve()
    if (answer !== 'silence') socket.send(wordAnswer(question, answer), from.port, from.address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const resolver = new dns.Resolver({ timeout: 60_000, tries: 1 })
  resolver.setServers([`127.0.0.1:${socket.address().port}`])
  return {
    lookup: (name) => resolver.resolve4(name),
    say: (next) => void (answer = next),
    asked: () => new Promise((resolve) => waiting.push(resolve)),
    close: () => {
      resolver.cancel()
      socket.close()
    },
  }
}

/** An answer to a question with one entry (RFC 1035, 4.1): the question again, and one address of type A. */
function wordAnswer(question: Buffer, answer: Exclude<DnsAnswer, 'silence'>): Buffer {
  const asked = question.subarray(12, question.indexOf(0, 12) + 5)
  const isGood = 'address' in answer
  const head = Buffer.alloc(12)
  question.copy(head, 0, 0, 2)
  head.writeUInt16BE(0x8180 | (isGood ? 0 : codes[answer.code]), 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(isGood ? 1 : 0, 6)
  if (!isGood) return Buffer.concat([head, asked])
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, ...answer.address.split('.').map(Number)])
  return Buffer.concat([head, asked, record])
}
