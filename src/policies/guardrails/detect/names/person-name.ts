import { patternDetector } from '../pattern-detector.ts'
import { firstNames } from './first-names.ts'

const word = String.raw`\p{Lu}(?:[\p{L}\u2019'-]{0,30}\p{L}|\.)?`
/** One whose end may not have come. */
const begun = String.raw`\p{Lu}(?:[\p{L}\u2019'-]{0,31}|\.)`
/** With a point or without. */
const title = String.raw`(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Madam|Herr|Frau|Monsieur|Madame|Mme|Señora?|Sra?|Signora?)`
const particle = String.raw`(?:(?:de|del|della|di|da|dos|du|la|le|van|von|der|den|ten|ter|bin|ben|ibn|al|el|zu|st\.) ){0,2}`

/**
 * Names of people: a first name that many have, with the names beside it, or names after a title or words that say whose they are. No list
 * has all names, and writers and streets have them too: not part of the family.
 */
export const personName = patternDetector({
  kind: 'person-name',
  hint: /\p{Lu}/u,
  pattern: new RegExp(
    String.raw`(?<![\p{L}\p{N}_.@/'\u2019-])(?:${title}\.? )?${word}(?: ${particle}${word}){0,3}(?![\p{L}\p{N}_@])`,
    'gu',
  ),
  accepts: (found, text, start) => {
    const words = found.split(' ')
    const told = text.slice(Math.max(0, start - 40), start)
    if (words.every((one) => notNames.has(one.toLowerCase()))) return false
    if (titled.test(found)) return true
    if (saidBefore.test(told)) return !notNames.has((words[0] ?? '').toLowerCase())
    return words.some((one) => firstNames.has(one.toLowerCase()))
  },
  live: new RegExp(
    String.raw`(?<![\p{L}\p{N}_.@/'\u2019-])(?:${title}\.? ?)?(?:${begun}(?: ${particle}${begun}){0,3})?(?: \p{Ll}{0,5}\.?){0,3}$`,
    'u',
  ),
  longestLive: 180,
})

const titled = new RegExp(String.raw`^${title}\.? \p{Lu}`, 'u')

/** What is said before a name, right before it. */
const saidBefore =
  /(?:\b(?:my name is|name[’']?s|i am called|this is|mein name ist|ich heiße|je m[’']appelle|me llamo|mi chiamo|meu nome é)|(?:^|[\n{,;"])\s{0,3}"?(?:full[ _]?|first[ _]?|last[ _]?|customer[ _]?|patient[ _]?|employee[ _]?)?name"?\s?[:=]|\b(?:patient|employee|passenger|cardholder|account holder|beneficiary)(?: name)?(?: is|:)|(?:regards|sincerely|cheers|best|grüße),\n)[\s"'(]{0,3}$/i

/** Words with a large letter that are no names, though they stand where one may. */
const notNames: ReadonlySet<string> = new Set(
  (
    'i a the it is not in on at to for of and or but this that these those we you he she they my your our their who what when where why how yes no ok all none null ' +
    'customer team sir madam user admin everyone everybody friend street road avenue university college hospital school bank company inc ltd gmbh corp group institute ' +
    'january february march april may june july august september october november december monday tuesday wednesday thursday friday saturday sunday ' +
    'north south east west new old city county state river lake mount island airport station church hotel park museum bridge day prize award theorem law test model'
  ).split(' '),
)
