import { attackFamilies, slots } from './attack-forms.ts'
import { harmlessFamilies, harmlessSlots } from './harmless-forms.ts'

/** A text made here, for training only: nothing is scored on it but by models that have not seen its family. */
export interface Synthetic {
  readonly text: string
  readonly label: 0 | 1
  readonly family: string
}

const attacksOfFamily = 80
const harmlessOfFamily = 110

/** The same texts each time. Half of the attacks stand in a document, since that is where others than the user write. */
export function synthetic(): readonly Synthetic[] {
  const random = linearCongruence(11)
  const attacks = Object.entries(attackFamilies).flatMap(([family, forms]) =>
    Array.from({ length: attacksOfFamily }, (_, place): Synthetic => {
      const attack = capital(filled(pick(forms, random), slots, random), random)
      const text = place % 2 === 0 ? attack : placed(attack, random)
      return { text, label: 1, family: `attack ${family}` }
    }),
  )
  const harmless = Object.entries(harmlessFamilies).flatMap(([family, forms]) =>
    Array.from({ length: harmlessOfFamily }, (): Synthetic => ({
      text: capital(filled(pick(forms, random), harmlessSlots, random), random),
      label: 0,
      family: `harmless ${family}`,
    })),
  )
  return [...new Map([...attacks, ...harmless].map((one) => [one.text, one])).values()]
}

/** In, before or after words that are harmless by themselves. */
function placed(attack: string, random: () => number): string {
  const around = () => filled(pick(harmlessFamilies['documents'] ?? [], random), harmlessSlots, random)
  return pick([`${around()}\n\n${attack}`, `${attack}\n\n${around()}`, `${around()} ${attack} ${around()}`], random)
}

function filled(form: string, words: Readonly<Record<string, readonly string[]>>, random: () => number): string {
  let text = form
  // Words may hold slots themselves, a few deep.
  for (let depth = 0; depth < 4; depth += 1)
    text = text
      .replaceAll(/\[([^[\]]*\|[^[\]]*)\]/g, (_whole, list: string) => pick(list.split('|'), random))
      .replaceAll(/\{(\w+)\}/g, (whole, slot: string) =>
        slot === 'base64'
          ? Buffer.from(filled('{ignore} all {before} {rules} and {odd}', words, random)).toString('base64')
          : words[slot] === undefined
            ? whole
            : pick(words[slot], random),
      )
  return text
}

function capital(text: string, random: () => number): string {
  return random() < 0.8 ? text.charAt(0).toUpperCase() + text.slice(1) : text
}

function pick(list: readonly string[], random: () => number): string {
  return list[Math.floor(random() * list.length)] ?? ''
}

function linearCongruence(seed: number): () => number {
  let state = seed
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 4_294_967_296
}
