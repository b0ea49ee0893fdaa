import { patternDetector } from '../pattern-detector.ts'

/** Hardware addresses (IEEE 802 EUI-48), but for none and all. */
export const macAddress = patternDetector({
  kind: 'mac-address',
  isOneWord: true,
  hint: /[:-][\dA-Fa-f]{2}[:-][\dA-Fa-f]{2}[:-][\dA-Fa-f]{2}[:-]|\.[\dA-Fa-f]{4}\./,
  pattern:
    /(?<![\w:.-])(?:[\da-f]{2}([:-])(?:[\da-f]{2}\1){4}[\da-f]{2}|[\da-f]{4}\.[\da-f]{4}\.[\da-f]{4})(?![\w:-])/gi,
  accepts: (found) => new Set(found.replaceAll(/[:.-]/g, '')).size > 1,
  live: /(?<![\w:.-])[\da-f.:-]{1,17}$/i,
  longestLive: 17,
})
