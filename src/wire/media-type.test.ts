import { describe, expect, it } from 'vitest'
import { mediaTypeOf } from './media-type.ts'

describe('what a content type says that something is', () => {
  it.each([
    ['audio/mpeg', 'audio/mpeg'],
    ['Audio/OGG; codecs="opus"', 'audio/ogg'],
    ['audio/ogg;codecs="vorbis, opus" ; rate=48000', 'audio/ogg'],
    ['text/plain; charset="utf-8"', 'text/plain'],
    ['a/b; c="\\"d\\\\"', 'a/b'],
  ])('is read from %s', (contentType, type) => {
    expect(mediaTypeOf(contentType)).toBe(type)
  })

  it.each(['', 'audio', 'audio/', 'a/b;', 'a/b; c="d', 'a/b; c="d"e', 'a/b; c="\r\nx: y"', 'a/b, c/d', 'a/b; c=é'])(
    'is nothing in %j',
    (contentType) => {
      expect(mediaTypeOf(contentType)).toBeUndefined()
    },
  )
})
