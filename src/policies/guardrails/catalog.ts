import type { Detector } from './detect/detector.ts'
import { personName } from './detect/names/person-name.ts'
import { postalAddress } from './detect/names/postal-address.ts'
import { pii } from './detect/pii/index.ts'
import { secrets } from './detect/secrets/index.ts'
import { injectionDetector } from './injection/detector.ts'

/** What can be looked for by the name of a whole family. */
export const families = ['pii', 'secrets', 'injection'] as const
export type Family = (typeof families)[number]

const detectorsOf: Readonly<Record<Family, readonly Detector[]>> = {
  pii,
  secrets,
  injection: [injectionDetector()],
}

/** Of no family, since they miss much and see more than there is: looked for where a rule names them. */
const named: readonly Detector[] = [personName, postalAddress]

/** Every kind that can be found here, in the order in which detectors decide. */
export const kindsByFamily: Readonly<Record<Family | 'none', readonly string[]>> = {
  pii: pii.map(({ kind }) => kind),
  secrets: secrets.map(({ kind }) => kind),
  injection: ['injection'],
  none: named.map(({ kind }) => kind),
}

/**
 * The detectors of some families and kinds, in the order in which they decide.
 * @param threshold of the score of an injection; absent: the built-in one.
 */
export function detectorsFor(
  names: readonly string[],
  except: readonly string[],
  threshold?: number,
): readonly Detector[] {
  const wanted = new Set(names)
  const all = threshold === undefined ? detectorsOf : { ...detectorsOf, injection: [injectionDetector(threshold)] }
  const ofFamilies = families.flatMap((family) =>
    all[family].filter(({ kind }) => (wanted.has(family) || wanted.has(kind)) && !except.includes(kind)),
  )
  return [...ofFamilies, ...named.filter(({ kind }) => wanted.has(kind) && !except.includes(kind))]
}
