import { detectorLaws } from '../laws/detector-laws.ts'
import { card } from './card.ts'
import { cryptoAddress } from './crypto-address.ts'
import { dateOfBirth } from './date-of-birth.ts'
import { email } from './email.ts'
import { iban } from './iban.ts'
import { ipAddress } from './ip-address.ts'
import { macAddress } from './mac-address.ts'
import { nationalIds } from './national-ids.ts'
import { passport } from './passport.ts'
import { phone } from './phone.ts'

detectorLaws(email, {
  found: [
    'write to «ada.lovelace+news@example.co.uk».',
    'mailto:«a_b@x.io»',
    '«jörg@müller.de», «x@y.org»',
    "it's '«o'neil@example.com»'",
    'to "john «doe"@example.com», please',
  ],
  plain: [
    'https://user:word@host.example/x',
    'git@github.com:team/repo.git',
    'node@20.11.8',
    '@scope/name',
    'a @ b.com',
    'x@y',
  ],
})

detectorLaws(card, {
  found: [
    'card «4111 1111 1111 1111» ok',
    'pay with «378282246310005», please',
    '«6011-1111-1111-1117»',
    '(«5555555555554444»)',
    'no-break «4111\u00a01111\u00a01111\u00a01111», dashes «4111\u20111111\u20111111\u20111111»',
  ],
  plain: [
    '4111 1111 1111 1112',
    'order number 4111111111111111',
    'const a = [3757, 2917, 0822, 4314]',
    '1700870956690',
    'EAN 4027225730562',
    '4111.1111.1111.1111',
  ],
})

detectorLaws(iban, {
  found: [
    'to «GB82 WEST 1234 5698 7654 32» please',
    'iban «de89370400440532013000»',
    'from «GB82WEST12345698765432» to other bank',
    '«GB82\u00a0WEST\u00a01234\u00a05698\u00a07654\u00a032»',
  ],
  plain: ['GB82 WEST 1234 5698 7654 33', 'XX82WEST12345698765432', 'AB12 is a flat', 'GB82WEST123456987654321'],
})

detectorLaws(phone, {
  found: [
    'call «+49 30 901820» today',
    'ring me at «(415) 555-2671» or «415-555-2672»',
    'Phone: «0431 19 97 94»',
    'fax «02.27.96.63.08»',
    'tel. «01632 960 983»',
    '«001-748-088-2851x818»-Fax',
    "They're not answering at «9469 9966»",
    '«+1 212 555 0199»',
    'my number is «98317 3777»',
    'Phone:\n«9469 9966»\n',
    'Ihre Rufnummer «957137041» ist neu',
    '电话：«954850130»',
    'phone_number=«5042309781»',
    '«8 (978) 285-64-52» or «00 33 1 79 15 82 23»',
    'T: «463-6504»',
    'mobilePhone": "«5551234567»"',
    'Telefono «347 1234567»',
  ],
  plain: [
    'Build number 8786392838161301',
    'from 2024-01-15 to 2024-02-15',
    'order 12345678',
    '{"ts":1700870956690,"n":4096}',
    'const LIMITS = [3757, 2917, 0822, 4314];',
    'pi is 3.14159265358979',
    'the years 1914 1918 and 1939 1945',
    '127.0.0.1:8080',
    '?id=504-230-9781',
    'mobile users: 12345678 in total',
    'tel aviv 2024 2025',
    'text: 1234567890',
    '{"phone":null,"ts":1700870956690}',
  ],
})

detectorLaws(ipAddress, {
  found: [
    'from «12.92.149.211», twice',
    'from «10.70.4.16», and at «192.168.7.1»:8080',
    'at «2001:db8::8a2e:370:7334»',
    '«3b20:9a3a:1b2f:7ce:9ef1:4787:85fc:261e»',
  ],
  plain: [
    '127.0.0.1',
    '0.0.0.0',
    'version 1.2.3.4',
    'from 1.2.3.4 to 1.2.4.0',
    'Chrome/120.0.0.0 Safari',
    'the version is 10.2.3.4',
    'std::vector',
    'a::b',
    '12:30:45',
    '1.2.3.4.5',
    '300.1.1.1',
    '::1',
  ],
})

detectorLaws(macAddress, {
  found: ['at «00:1A:2B:3C:4D:5E» here', '«00-1a-2b-3c-4d-5e»', 'cisco «001a.2b3c.4d5e»'],
  plain: ['00:00:00:00:00:00', '00:1A:2B:3C:4D', '12:30:45', 'aa:bb:cc:dd:ee:ff:00'],
})

detectorLaws(cryptoAddress, {
  found: [
    'send to «1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa»',
    '«bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq» now',
    'eth «0xde0B295669a9FD93d5F28D9Ec85E40f4cb697BAe».',
  ],
  plain: [
    '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb',
    '0x1234',
    'bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdr',
    '48b7db83b58b810b2fa0e6bdb9fbd7ea32d97b7a',
  ],
})

detectorLaws(dateOfBirth, {
  found: [
    'born on «12 March 1980» in',
    'DOB: «1980-03-12»',
    'Date of birth «12/03/1980».',
    'geboren am «12.03.1980»',
    'born «March 12, 1980»',
  ],
  plain: ['on 12 March 1980 we met', 'due 2024-01-15', 'born in 1980'],
})

detectorLaws(passport, {
  found: [
    'passport number «C01X00T47»',
    'Passport No. «123456789» expires',
    'Reisepass «C4VJXT6RN3»'.replace('C4VJXT6RN3', 'C4V5XT6R1'),
  ],
  plain: ['passport control', 'a passport expires soon', 'number 123456789'],
})

const samplesOfIds: Readonly<Record<string, Parameters<typeof detectorLaws>[1]>> = {
  'us-ssn': {
    found: [
      "Here's my SSN: «161-42-3291»",
      'social security number «536323065»',
      'SS# «536.32.3065»',
      '«536\u201132\u20113065»',
    ],
    plain: ['000-12-3456', '666-12-3456', '987-65-4320', '161423291', '161-42-32910'],
  },
  'uk-nhs': {
    found: ['NHS number «943 476 5919»', 'nhs: «9434765919»'],
    plain: ['943 476 5919', 'NHS number 943 476 5918'],
  },
  'uk-nino': {
    found: ['NINO «AB 12 34 56 C»', 'is «JG103759A».'],
    plain: ['BG123456A', 'DA123456A', 'AB123456E', 'XAB123456C'],
  },
  'de-tax-id': {
    found: ['Steuer-ID «86 095 742 719»', 'IdNr. «86095742719»'],
    plain: ['86095742719', 'Steuer-ID 86095742718'],
  },
  'fr-nir': {
    found: ['numéro «1 84 12 76 451 089 46» ici', '«255081416802538»'],
    plain: ['1 84 12 76 451 089 47', '255081416802539'],
  },
  'es-dni': {
    found: ['DNI «12345678Z»', 'NIE «X1234567L».', '«12.345.678-Z»'],
    plain: ['12345678A', 'X1234567M', '12345678'],
  },
  'it-codice-fiscale': {
    found: ['codice fiscale «RSSMRA85T10A562S»', '«rssmra85t10a562s»'],
    plain: ['RSSMRA85T10A562T', 'RSSMRA85T10A56'],
  },
  'nl-bsn': { found: ['BSN «111222333»', 'burgerservicenummer: «1112.22.333»'], plain: ['111222333', 'BSN 111222334'] },
  'in-aadhaar': {
    found: ['Aadhaar «2345 6789 0124»', 'is «2345 6789 0124»'],
    plain: ['2345 6789 0123', '234567890124', '1345 6789 0124'],
  },
  'in-pan': { found: ['PAN «ABCPE1234F»'], plain: ['ABCXE1234F', 'abcpe1234f', 'ABCPE12345'] },
  'br-cpf': {
    found: ['CPF «52998224725»', '«529.982.247-25»'],
    plain: ['52998224725', '529.982.247-26', '111.111.111-11'],
  },
}
for (const detector of nationalIds) detectorLaws(detector, samplesOfIds[detector.kind] ?? { found: [], plain: [] })
