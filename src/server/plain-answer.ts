import type { HttpClient } from './http-client.ts'

/** Answers that no provider had a part in. */
export function answerJson(
  client: Pick<HttpClient, 'head' | 'end'>,
  status: number,
  value: unknown,
  id: string,
  headers: readonly string[] = [],
): void {
  const body = Buffer.from(JSON.stringify(value))
  client.head(status, [
    'content-type',
    'application/json',
    'x-weir-request-id',
    id,
    'content-length',
    String(body.length),
    ...headers,
  ])
  client.end(body)
}

export function answerText(client: HttpClient, status: number, text: string): void {
  client.head(status, ['content-type', 'text/plain; charset=utf-8', 'content-length', String(Buffer.byteLength(text))])
  client.end(Buffer.from(text))
}
