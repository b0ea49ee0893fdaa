import { isBelow, type PathPattern } from '../shared/free-form.ts'

/** Schemas, arguments, results and dictionaries whose keys are the client's own. */
export function isFreeForm(path: readonly (string | number)[]): boolean {
  return isBelow(path, freeFormPlaces)
}

const inBothSpellings = (...places: readonly PathPattern[]): readonly PathPattern[] =>
  places.flatMap((place) => [
    place,
    place.map((step) => step.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)),
  ])

const freeFormPlaces: readonly PathPattern[] = [
  ...inBothSpellings(
    ...['parameters', 'parametersJsonSchema', 'response', 'responseJsonSchema'].flatMap((key) => [
      ['tools', '*', 'functionDeclarations', '*', key],
      ['tools', 'functionDeclarations', '*', key],
    ]),
    ['contents', '*', 'parts', '*', 'functionCall', 'args'],
    ['contents', '*', 'parts', '*', 'functionResponse', 'response'],
    ['contents', '*', 'parts', '*', 'toolCall', 'args'],
    ['contents', '*', 'parts', '*', 'toolResponse', 'response'],
    ['contents', '*', 'parts', '*', 'partMetadata'],
    ['generationConfig', 'responseSchema'],
    ['generationConfig', 'responseJsonSchema'],
    ['generationConfig', '_responseJsonSchema'],
    ['labels'],
  ),
]
