import { patternDetector } from '../pattern-detector.ts'

const name = String.raw`\p{Lu}[\p{L}\u2019'.-]{0,24}`
const number = String.raw`\d{1,5}(?:[-/]\d{1,4})?[A-Za-z]?`
const english =
  'Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Place|Pl|Square|Sq|Terrace|Parkway|Pkwy|Highway|Hwy|Circle|Cir|Close|Crescent|Row|Trail|Mews|Gardens|Grove|Hill|Quay|Walk|Alley|Loop|Plaza|Route'
const endings =
  'straße|strasse|str\\.|weg|platz|allee|gasse|ring|damm|ufer|straat|laan|plein|gracht|kade|gatan|gata|vägen|vagen|gränd|vej|gade|vænge|veien|vegen|gate|katu|tie|utca|út|u\\.'
const romance = eitherCase(
  'rue|avenue|boulevard|place|chemin|allée|quai|impasse|cours|calle|avenida|av\\.|plaza|paseo|camino|carrer|via|viale|piazza|corso|largo|rua|praça|travessa|ulica|ul\\.|aleja|ulice',
)
/** With a large letter or a small one before the rest. */
function eitherCase(words: string): string {
  return words
    .split('|')
    .map((one) => `[${one.charAt(0).toUpperCase()}${one.charAt(0)}]${one.slice(1)}`)
    .join('|')
}

const more = String.raw`(?:,? (?:Apt|Apartment|Suite|Ste|Unit|Flat|Room|Floor|No)\.? ?#?\w{1,6})?`
/** A post code and a town, on the same line or the next. */
const town = String.raw`(?:(?:, ?| |,?\n)(?:(?:[A-Z]{1,2}-)?\d{4,5}(?:[- ]\d{2,4}| [A-Z]{2})? ${name}(?: ${name}){0,2}|${name}(?: ${name}){0,2},? (?:[A-Z]{2} \d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})))?`

/** Where somebody lives, by the form of a street with a number, in the ways of a dozen languages. Places without a number are nobody's. */
export const postalAddress = patternDetector({
  kind: 'postal-address',
  hint: /\d/,
  pattern: new RegExp(
    String.raw`(?<![\p{L}\p{N}_.$€£#/-])(?:` +
      // 221B Baker Street; 49 Nassaustraat.
      String.raw`${number},? (?:${name} ){1,4}(?:${english})(?![\p{L}\p{N}])\.?${more}` +
      String.raw`|${number},? (?:${name} ){0,2}\p{Lu}\p{Ll}{0,24}(?:${endings})(?!\p{L})${more}` +
      // Hauptstraße 5; Lange Straße 5.
      String.raw`|(?:${name} ){0,2}(?:\p{Lu}\p{Ll}{1,24}[- ]?)(?:${endings})(?:(?<=\.)| ) ?${number}(?![\p{L}\p{N}])${more}` +
      String.raw`|(?:${name} ){1,3}(?:Straße|Strasse|Str\.|Weg|Platz|Allee|Ring) ${number}(?![\p{L}\p{N}])` +
      // 12 rue de la Paix; Via Roma 7; Calle Mayor, 3.
      String.raw`|${number},? (?:bis )?(?:${romance}) (?:(?:de|du|des|da|do|la|le|les|del|della|dos|l[\u2019']) ?){0,3}${name}(?:[ -]${name}){0,3}` +
      String.raw`|(?:${romance}) (?:(?:de|du|des|da|do|la|le|les|del|della|dos|l[\u2019']) ?){0,3}${name}(?:[ -]${name}){0,3},? (?:n[°º.] ?)?${number}(?![\p{L}\p{N}])` +
      String.raw`|(?:P\.? ?O\.? Box|PSC \d{1,5},? Box) \d{1,6}|(?:Apt|Apartment|Suite|Unit)\.? \d{1,5}(?!\p{L})` +
      `)${town}`,
    'gu',
  ),
  live: /(?<![\p{L}\p{N}_.$€£#/-])(?:\d|\p{L})[\p{L}\p{N} .,\u2019'°º#/\n-]{0,199}$/u,
  longestLive: 200,
})
