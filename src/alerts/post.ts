import type { Post } from './deliver.ts'

/** Posts to an address of the config. Redirects are not followed: they would carry the signed body somewhere else. */
export const post: Post = async (url, headers, body, cancelled) => {
  const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: cancelled })
  await answer.body?.cancel()
  return answer.status
}
