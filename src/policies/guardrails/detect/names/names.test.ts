import { detectorLaws } from '../laws/detector-laws.ts'
import { personName } from './person-name.ts'
import { postalAddress } from './postal-address.ts'

detectorLaws(personName, {
  found: [
    'ask «Mary Jane Watson» about it',
    'then «Ludwig van Beethoven» came',
    'signed by «Dr. Xu Qwertz» and «Mrs Nnamdi»',
    'my name is «Zyx Qwertz», hello',
    'name: «Qwertz Asdf»',
    'I met «Peter» there',
    'that «James P. Kamman» wrote',
  ],
  plain: [
    'The Quick Brown Fox',
    'New York Times and Stack Overflow',
    'my name is not important',
    'Dear Customer',
    'const Peter1 = 4',
    'peter@example.com',
    'see README.md or Makefile',
  ],
})

detectorLaws(postalAddress, {
  found: [
    'lives at «221B Baker Street», they say',
    'at «350 Fifth Avenue, Suite 3300, New York, NY 10118»',
    'wohnt in der «Hauptstraße 5, 10115 Berlin»',
    'an «Unter Linden Platz 7»',
    'au «12 rue de la Paix» depuis',
    'abita in «Via Roma 7», credo',
    'to «P.O. Box 1234»',
    'op «Nassaustraat 49»',
  ],
  plain: [
    'on page 12 of the report',
    'the street was empty',
    'Windows 10 and Chapter 5',
    '3 Ways to Save',
    '10 Downing people',
    'Wall Street fell by 3 percent',
    'route 66 is long',
  ],
})
