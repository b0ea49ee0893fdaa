import { z } from 'zod'

/** A label that a provider or target carries and a policy may require: `region:eu`, `zero-retention`, `self-hosted`. */
const tag = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._:/-]{0,63}$/,
    'must be up to 64 lower-case letters, digits, and . _ : / -, such as region:eu',
  )

export const tagList = z.array(tag).max(32)
