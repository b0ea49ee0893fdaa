import { createSign, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'

/** A certificate for a test's own TLS server, and its key, both PEM. Made anew each time: it cannot expire in the repository. */
export interface SelfSigned {
  readonly certificate: string
  readonly key: string
}

/** An authority of a test's own. */
export interface Authority extends SelfSigned {
  /** Signs a certificate for one DNS name and 127.0.0.1, good for servers and clients. */
  issue(dnsName: string, expires?: Date): SelfSigned
}

const farAway = new Date(Date.UTC(2100, 0, 1))

/** Writes a self-signed X.509 certificate (RFC 5280) for one DNS name and 127.0.0.1, by hand: Node can read them only. */
export function selfSigned(dnsName: string, expires: Date = farAway): SelfSigned {
  const pair = newPair()
  return {
    certificate: writeCertificate({ ...pair, issuer: pair, dnsName, expires, isAuthority: true }),
    key: pem(pair),
  }
}

export function makeAuthority(): Authority {
  const issuer = newPair()
  const certificate = writeCertificate({
    ...issuer,
    issuer,
    dnsName: 'authority.example',
    expires: farAway,
    isAuthority: true,
  })
  return {
    certificate,
    key: pem(issuer),
    issue: (dnsName, expires = farAway) => {
      const pair = newPair()
      return {
        certificate: writeCertificate({ ...pair, issuer, dnsName, expires, isAuthority: false }),
        key: pem(pair),
      }
    },
  }
}

interface Pair {
  readonly name: Buffer
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

function newPair(): Pair {
  // Authorities are looked up by their names, so each has one of its own.
  const commonName = der(0x0c, Buffer.from(randomBytes(8).toString('hex')))
  return {
    name: sequence(set(sequence(oid(85, 4, 3), commonName))),
    ...generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  }
}

function pem({ privateKey }: Pair): string {
  return String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
}

function writeCertificate(subject: {
  readonly name: Buffer
  readonly publicKey: KeyObject
  readonly issuer: Pair
  readonly dnsName: string
  readonly expires: Date
  readonly isAuthority: boolean
}): string {
  const { name, publicKey, issuer, dnsName, expires } = subject
  const ecdsaWithSha256 = sequence(oid(42, 134, 72, 206, 61, 4, 3, 2))
  const altNames = sequence(der(0x82, Buffer.from(dnsName)), der(0x87, Buffer.from([127, 0, 0, 1])))
  const constraints = subject.isAuthority ? sequence(der(0x01, Buffer.from([0xff]))) : sequence()
  const toBeSigned = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.from([1, ...randomBytes(8)])),
    ecdsaWithSha256,
    issuer.name,
    sequence(time(new Date(Date.UTC(2020, 0, 1))), time(expires)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      sequence(
        sequence(oid(85, 29, 17), der(0x04, altNames)),
        sequence(oid(85, 29, 19), der(0x01, Buffer.from([0xff])), der(0x04, constraints)),
      ),
    ),
  )
  const signature = createSign('sha256').update(toBeSigned).sign(issuer.privateKey)
  const certificate = sequence(toBeSigned, ecdsaWithSha256, der(0x03, Buffer.concat([Buffer.from([0]), signature])))
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts))
}

function set(part: Buffer): Buffer {
  return der(0x31, part)
}

function integer(bytes: Buffer): Buffer {
  return der(0x02, bytes)
}

/** @param bytes as they are encoded, the first two arcs already joined. */
function oid(...bytes: readonly number[]): Buffer {
  return der(0x06, Buffer.from(bytes))
}

function time(date: Date): Buffer {
  return der(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`))
}
