import { z } from '@hono/zod-openapi'
import { optionalJsonBody } from './answers.ts'

/** For changes that need no particulars: nothing, or an object without keys. Anything in it would be ignored in silence. */
export const emptyBody = optionalJsonBody(z.strictObject({}))
