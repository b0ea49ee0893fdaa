import type { Detector } from './detect/detector.ts'
import { pii } from './detect/pii/index.ts'
import { secrets } from './detect/secrets/index.ts'

/** What can be looked for by the name of a whole family. */
export const families = ['pii', 'secrets'] as const
export type Family = (typeof families)[number]

const detectorsOf: Readonly<Record<Family, readonly Detector[]>> = { pii, secrets }

export const kindsByFamily: Readonly<Record<Family, readonly string[]>> = {
  pii: pii.map(({ kind }) => kind),
  secrets: secrets.map(({ kind }) => kind),
}

/** The detectors of some families and kinds, in the order in which they decide. */
export function detectorsFor(names: readonly string[], except: readonly string[]): readonly Detector[] {
  const wanted = new Set(names)
  return families.flatMap((family) =>
    detectorsOf[family].filter(({ kind }) => (wanted.has(family) || wanted.has(kind)) && !except.includes(kind)),
  )
}
