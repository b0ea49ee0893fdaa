import { z } from 'zod'

/** Where a server is: scheme, host, port and what stands before the paths of its API. */
export const baseUrl = z
  .string()
  .superRefine((text, context) => {
    const problem = baseUrlProblem(text)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })
  .meta({ format: 'uri' })

/** Says what is wrong with a base URL, or `undefined` when it can be used. */
export function baseUrlProblem(text: string): string | undefined {
  const url = URL.parse(text)
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return 'must be an http or https URL'
  if (url.username !== '' || url.password !== '')
    return 'must not hold a user name or a password; secrets are given by reference, under a key of their own'
  if (url.search !== '' || url.hash !== '') return 'must end with the path, without "?" or "#"'
  return undefined
}
