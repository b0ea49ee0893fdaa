import { passesLuhn, remainder } from '../../src/policies/guardrails/detect/checksums.ts'
import { randomValues, type RandomValues } from './random-values.ts'
import type { MarkedRow } from './rows.ts'

/*
 * Personal data as people write it: forms of many countries, in sentences, forms, tables and code of several languages. Made up from the
 * published formats, without a look at what the detectors accept.
 */
type Maker = (values: RandomValues) => string

interface Kind {
  readonly type: string
  readonly count: number
  readonly makers: readonly [Maker, ...Maker[]]
  /** `@` is where it stands. */
  readonly sentences: readonly [string, ...string[]]
}

const filled =
  (...forms: readonly [string, ...string[]]): Maker =>
  (values) =>
    values.fill(values.pick(forms))

const names = ['maria', 'o.connor', 'jürgen', 'li.wei', 'x', 'anne-marie', 'r2d2', 'Ivan.Petrov', 'sales_eu'] as const
const hosts = [
  'example.com',
  'mail.uni-köln.de',
  'sub.domain.co.uk',
  'xn--mller-kva.de',
  'firma.gmbh',
  'corp.museum',
  'x.ai',
  'почта.рф',
  'a-b.c-d.org',
  'EXAMPLE.NET',
] as const

const email: Kind = {
  type: 'email',
  count: 90,
  makers: [
    (values) => `${values.pick(names)}@${values.pick(hosts)}`,
    (values) => `${values.pick(names)}+${values.fill('{a5}')}@${values.pick(hosts)}`,
    (values) => `${values.fill('{a3}.{a7}##')}@${values.pick(hosts)}`,
    (values) => `"${values.pick(['john doe', 'a.b c', 'team lead'])}"@${values.pick(hosts)}`,
    (values) => `${values.pick(['o’neil', "d'arcy", 'a&b', 'to=x', 'first/last', '_under_'])}@${values.pick(hosts)}`,
  ],
  sentences: [
    'Write to @.',
    'contact: Ada <@>, please',
    'mailto:@?subject=hello',
    '{"email":"@","age":31}',
    'id;mail;city\n4;@;Oslo',
    'Schreib mir an @, danke!',
    '(@)',
    'to=@&lang=en',
    'Meine Adresse ist @',
    'cc: @; bcc: nobody',
    '请发邮件到 @ 谢谢',
    '[write us](mailto:@)',
    'FROM:@\r\nTO: staff',
    'user @ logged in from the office',
  ],
}

/** Countries with what stands after the two check digits. */
const accounts = [
  ['DE', '####################'.slice(0, 18)],
  ['GB', 'AAAA##############'],
  ['FR', '###########wwwwwwwwwww##'.slice(0, 23)],
  ['NL', 'AAAA##########'],
  ['ES', '####################'],
  ['CH', '#####wwwwwwwwwwww'],
  ['NO', '###########'],
  ['PL', '########################'],
  ['MT', 'AAAA#####wwwwwwwwwwwwwwwwww'],
  ['SA', '##wwwwwwwwwwwwwwwwww'],
  ['BE', '############'],
  ['IE', 'AAAA##############'],
  ['BR', '#######################Aw'],
] as const

function ibanOf(values: RandomValues): string {
  const [country, form] = values.pick(accounts)
  const body = form.replaceAll(/[#Aw]/g, (mark) =>
    mark === '#' ? values.fill('#') : values.fill(mark === 'A' ? '{A1}' : values.pick(['#', '{A1}'])),
  )
  const check = 98 - remainder(`${body}${country}00`, 97)
  return `${country}${String(check).padStart(2, '0')}${body}`
}

const grouped = (text: string, separator: string) => text.replaceAll(/(.{4})(?=.)/g, `$1${separator}`)

const iban: Kind = {
  type: 'iban',
  count: 80,
  makers: [
    ibanOf,
    (values) => grouped(ibanOf(values), ' '),
    (values) => grouped(ibanOf(values), '-'),
    (values) => grouped(ibanOf(values), '\u00a0'),
    (values) => ibanOf(values).toLowerCase(),
    (values) => grouped(ibanOf(values).toLowerCase(), ' '),
  ],
  sentences: [
    'Please pay to @ by Friday.',
    'IBAN: @',
    'IBAN @, BIC COBADEFFXXX',
    '{"iban":"@"}',
    'Kontonummer @ bei der Sparkasse',
    'virement sur le compte @.',
    'name,account\nAda,@\nBob,none',
    'from @ to the other account',
    'Mon IBAN (@) a changé',
    '<iban>@</iban>',
  ],
}

/** Issuers' prefixes and lengths (ISO/IEC 7812; the makers' own pages). */
const cards = [
  ['4', 16],
  ['4', 13],
  ['51', 16],
  ['55', 16],
  ['2221', 16],
  ['2720', 16],
  ['34', 15],
  ['37', 15],
  ['6011', 16],
  ['65', 16],
  ['62', 16],
  ['36', 14],
  ['305', 14],
  ['3528', 16],
  ['3589', 16],
  ['6304', 12],
  ['5018', 16],
  ['6759', 16],
  ['2200', 16],
  ['4', 19],
] as const

function cardOf(values: RandomValues): string {
  const [prefix, length] = values.pick(cards)
  const body = prefix + values.fill('#'.repeat(length - prefix.length - 1))
  return `${body}${Array.from('0123456789').find((digit) => passesLuhn(body + digit)) ?? ''}`
}

function groupedCard(values: RandomValues, separator: string): string {
  const digits = cardOf(values)
  if (digits.length === 15) return digits.replace(/^(.{4})(.{6})(.{5})$/, `$1${separator}$2${separator}$3`)
  if (digits.length === 14) return digits.replace(/^(.{4})(.{6})(.{4})$/, `$1${separator}$2${separator}$3`)
  return grouped(digits, separator)
}

const card: Kind = {
  type: 'card',
  count: 110,
  makers: [
    cardOf,
    (values) => groupedCard(values, ' '),
    (values) => groupedCard(values, '-'),
    (values) => groupedCard(values, '\u00a0'),
    (values) => groupedCard(values, '\u2011'),
  ],
  sentences: [
    'My card number is @.',
    'Charge @ exp 04/29 cvv 123',
    'cc: @',
    '{"pan":"@","cvc":"999"}',
    'Visa @ was declined',
    'Kreditkarte @, gültig bis 12/28',
    'carte bancaire @',
    'card=@&amount=10',
    'I lost my card (@) yesterday',
    'name,card\nAda,@\n',
    'card#@',
    'The customer paid with @, please refund',
    '信用卡号：@。',
    "'@'",
  ],
}

const ssn: Kind = {
  type: 'us-ssn',
  count: 70,
  makers: [
    (values) => ssnOf(values, '-'),
    (values) => ssnOf(values, '-'),
    (values) => ssnOf(values, ' '),
    (values) => ssnOf(values, ''),
    (values) => ssnOf(values, '.'),
    (values) => ssnOf(values, '\u2011'),
    (values) => ssnOf(values, '\u2013'),
  ],
  sentences: [
    'SSN: @',
    'my ssn is @, thanks',
    'Social Security Number @.',
    '{"ssn":"@"}',
    'ssn=@',
    'Her social security no. is @',
    'SS# @',
    'social security: @ (verified)',
    'employee,ssn\nAda,@\n',
    'S.S.N. @',
    'What can you tell me about SSN @?',
  ],
}

function ssnOf(values: RandomValues, separator: string): string {
  const area = String(1 + values.below(665)).padStart(3, '0')
  const group = String(1 + values.below(99)).padStart(2, '0')
  return [area, group, String(1 + values.below(9_999)).padStart(4, '0')].join(separator)
}

const octet = (values: RandomValues) => String(1 + values.below(223))
const ip4 = (values: RandomValues) =>
  `${values.pick(['10', '192', '172', '8', '93', '203', '51'])}.${octet(values)}.${octet(values)}.${octet(values)}`

const ipAddress: Kind = {
  type: 'ip-address',
  count: 90,
  makers: [
    ip4,
    ip4,
    filled('2001:db8:{x4}:{x4}::{x3}', '2a02:{x3}:{x4}:{x2}::1', 'fe80::{x4}:{x2}ff:fe{x2}:{x4}', '2606:4700::{x4}'),
    filled('2001:0db8:{x4}:{x4}:{x4}:{x4}:{x4}:{x4}', 'fd12:3456:789a::{x3}', '::ffff:192.0.2.1#'),
    filled('2001:DB8::{x2}:1', '2001:db8:a::1##'),
  ],
  sentences: [
    'blocked @ at the firewall',
    'http://@/admin is open',
    '{"remote_addr":"@"}',
    '@ - - [10/Oct/2025:13:55:36] "GET / HTTP/1.1" 200',
    'ssh root@@',
    'The server (@) is down.',
    'ping @ -c 4',
    'from @, twice',
    'ip=@;port=22',
    'allow @/24;',
    'Verbindung von @ getrennt',
    'host @ port 443',
    'x-forwarded-for: @, unknown',
  ],
}

/** With a plus, brackets or points: told by its form alone. */
const writtenPhones: readonly [Maker, ...Maker[]] = [
  filled('+49 30 ######', '+49 (0)151 ########', '+49-171-#######', '+49(0)89/######', '+49 1511 #######'),
  filled('+44 20 7### ####', '+44 (0)7### ######', '+447#########', '+44 1632 96####'),
  filled('+33 6 ## ## ## ##', '+33 (0)1 ## ## ## ##', '+336########', '+33.6.##.##.##.##'),
  filled('+1 (%##) %##-####', '+1-%##-%##-####', '+1 %## %## ####', '+1%##%######', '+1.%##.%##.####'),
  filled('+91 98### #####', '+91-22-####-####', '+81 90-####-####', '+86 138 #### ####', '+82-10-####-####'),
  filled('+55 11 9####-####', '+55 (21) ####-####', '+52 1 55 #### ####', '+54 9 11 ####-####', '+34 6## ### ###'),
  filled('+7 (9##) ###-##-##', '+380 44 ### ## ##', '+48 5## ### ###', '+420 6## ### ###', '+36 30 ### ####'),
  filled('+61 4## ### ###', '+64 21 ### ####', '+27 82 ### ####', '+234 803 ### ####', '+254 7## ######'),
  filled('+41 79 ### ## ##', '+43 664 #######', '+31 6 ########', '+32 4## ## ## ##', '+39 3## #######'),
  filled('+971 50 ### ####', '+966 5# ### ####', '+972 52-###-####', '+90 5## ### ## ##', '+65 9### ####'),
  filled('(%##) %##-####', '(%##)%##-####', '%##-%##-####', '%##.%##.####', '1-%##-%##-####', '1 (%##) %##-####'),
  filled('(%##) %##-#### ext. ###', '%##-%##-#### x###', '(%##) %##-#### extension ##'),
  filled(
    '0171 #######',
    '030/######',
    '089-######',
    '01632 96####',
    '020 7### ####',
    '07### ######',
    '(0161) ### ####',
  ),
  filled('06 ## ## ## ##', '01.##.##.##.##', '06-########', '070 ### ## ##', '08-### ## ##', '0## ### ## ##'),
  filled('03-####-####', '090-####-####', '010-####-####', '02 #### ####', '0412 ### ###', '(02) #### ####'),
  filled('0044 20 7### ####', '0049 30 ######', '00 33 1 ## ## ## ##', '011 44 20 7### ####'),
  filled('8 (9##) ###-##-##', '(11) 9####-####', '0800 ### ####', '1-800-%##-####'),
]
/** Digits alone, or groups that much else has: told by the words. */
const plainPhones: readonly [Maker, ...Maker[]] = [
  filled('%##%######', '0#########', '07#########', '1%##%######', '9########'),
  filled('%## %## ####', '### ####', '#### ####', '## ## ## ##', '### ## ###', '6## ### ###', '98### #####'),
  filled('%##-####', '####-####', '0####-######', '98#######'),
]

const phoneSentences: readonly [string, ...string[]] = [
  'Call me on @ after six.',
  'Phone: @',
  'Tel. @ | office hours 9-5',
  '{"phone":"@"}',
  'my number is @, ask for Ana',
  'You can reach our team at @.',
  'T: @',
  'mobile @\nhome none',
  'Telefon: @',
  'Tél. : @',
  'Teléfono @.',
  'WhatsApp @',
  'Ihre Rufnummer @ wurde gesperrt',
  'Please text @ to confirm',
  'contact number: @',
  'Fax @ (office)',
  '电话：@',
  'Телефон: @',
  'give us a ring on @!',
  'phone_number=@',
  'Cell @; email on request',
  'her phone number has been @ since May',
  'emergency contact - Bob - @',
  'tel:@',
]

const phone: Kind = { type: 'phone', count: 150, makers: writtenPhones, sentences: phoneSentences }
/** What is written as a number is one where no word says so, too. */
const phoneAlone: Kind = {
  type: 'phone',
  count: 50,
  makers: [writtenPhones[0], ...writtenPhones.slice(1, 10)],
  sentences: ['@', 'Ada Lovelace, Berlin, @', 'Sincerely,\nBob\n@', 'Hotel Adler (@)', 'name;number\nAda;@', '“@”'],
}
const phonePlain: Kind = { type: 'phone', count: 60, makers: plainPhones, sentences: phoneSentences }

/** A text for each datum, with where it stands. */
export function personalRows(): readonly MarkedRow[] {
  const values = randomValues(29)
  return [email, iban, card, ssn, ipAddress, phone, phoneAlone, phonePlain].flatMap(
    ({ type, count, makers, sentences }) =>
      Array.from({ length: count }, (_, place): MarkedRow => {
        const datum = (makers[place % makers.length] ?? makers[0])(values).trim()
        const sentence = sentences[(place * 7 + values.below(sentences.length)) % sentences.length] ?? sentences[0]
        const start = sentence.lastIndexOf('@')
        return {
          set: 'pii',
          label: 1,
          kind: `hard:${type}`,
          text: sentence.slice(0, start) + datum + sentence.slice(start + 1),
          spans: [{ type, start, end: start + datum.length }],
        }
      }),
  )
}
