import { describe, expect, it } from 'vitest'
import { detectorLaws } from '../laws/detector-laws.ts'
import { secretAssignment } from './assignment.ts'
import { connectionUri } from './connection-uri.ts'
import { jwt } from './jwt.ts'
import { privateKey } from './private-key.ts'
import { secretlint } from './secretlint.ts'
import { vendorKey } from './vendor-keys.ts'

/** Made up, and put together here so that scanners of repositories do not take them for real ones. */
const body = (length: number) => 'q7Zk2Vx9Lm4Tn8Rb3Wc6Yd1Hf5Gj0Ps'.repeat(4).slice(0, length)
const github = `gh${'p'}_${body(36)}`
const anthropic = `sk-${'ant'}-api03-${body(60)}`
const aws = `AK${'IA'}Q7ZK2VX4LM3TN6RB`
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const token = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: 'somebody', role: 'admin' })}.${body(43)}`
const pem = (name: string) => `-----BEGIN ${name}-----\n${body(64)}\n${body(64)}\n-----END ${name}-----`

detectorLaws(vendorKey, {
  found: [
    `key «${github}» here`,
    `x-api-key: «${anthropic}»`,
    `"«${aws}»"`,
    `TOKEN=«${github}»`,
    `«sn${'yk'}_uat.12ab34cd.${body(60)}»`,
  ],
  plain: [
    'AKIAIOSFODNN7EXAMPLE',
    'ghp_************************************',
    'sk-your-key-here',
    `gh${'p'}_${'x'.repeat(36)}`,
    'sk-...',
    'a-very-long-name-with-dashes-and-words',
    'xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx',
  ],
})

detectorLaws(jwt, {
  found: [`cookie «${token}»`, `Bearer «${token}».`],
  plain: ['eyJhbGci.abc.def', `${part({ a: 'nothing of it' })}.${body(20)}.${body(20)}`],
})

detectorLaws(privateKey, {
  found: [
    `key:\n«${pem('PRIVATE KEY')}»\nend`,
    `«${pem('RSA PRIVATE KEY')}» and «${pem('EC PRIVATE KEY')}»`,
    `«${pem('PGP PRIVATE KEY BLOCK')}»`,
  ],
  plain: [
    '-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----',
    pem('PUBLIC KEY'),
    '-----BEGIN CERTIFICATE-----',
    '- a list\n-- a rule\n--- another',
  ],
})

detectorLaws(connectionUri, {
  found: [
    'at «postgres://app:hl9jJl2Tun@db.internal:5432/prod», now',
    '«mongodb+srv://u:s3cr3tP4ss@cluster0.example.net/x?retryWrites=true»',
    'see «https://user:pass@example.com»',
  ],
  plain: [
    'postgresql://<user>:<password>@<host>:<port>/<dbname>',
    'mysql://user:${PASSWORD}@example.com:3306/db',
    'https://example.com:8080/a@b',
    'mongodb://mongodb:mongodb@localhost',
    'mysql://admin:REPLACE_WITH_PASSWORD@host/db',
    'https://user:abc@api.com/v1',
  ],
})

detectorLaws(secretAssignment, {
  found: [
    `password = "«${body(20)}»"`,
    `MISTRAL_API_KEY=«${body(32)}»`,
    `Authorization: Bearer «${body(40)}»`,
    `"client_secret": "«${body(24)}»",`,
    'my wifi password is «kjUt6n6Ulrn2qo1»',
    'DB_PASSWORD=«q7Zk2Vx9Lm»',
    `deploy --token «${body(24)}» --verbose`,
    `Passwort: «${body(16)}»`,
    `<add key="ClientSecret" value="«${body(34)}»" />`,
    `wallet private key «0x${'c8f12fb8b20008e1'.repeat(4)}»`,
  ],
  plain: [
    'password: correct horse battery',
    'token = getTokenFromStore(user)',
    'secret=changeme',
    'api_key: process.env.OPENAI_API_KEY',
    'max_tokens: 1234567890123456',
    'the key: it is under the mat',
    'password: Welcome2024',
    `transaction 0x${'c8f12fb8b20008e1'.repeat(4)}`,
    'the password is getPasswordFromVault(user)',
  ],
})

describe('the rules of Secretlint', () => {
  it('find what they know, and stop at no comment that switches them off', () => {
    const text = `/* secretlint-disable */ token ${github}`
    expect(secretlint.find(text)).toEqual([{ kind: 'github', start: text.indexOf('gh'), end: text.length }])
    expect(secretlint.find('postgresql://<user>:<password>@<host>/<name>, and words enough to be looked at')).toEqual(
      [],
    )
  })
})
