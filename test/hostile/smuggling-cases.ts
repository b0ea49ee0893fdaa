/**
 * Requests that two readers of HTTP could understand differently (failures.md N1): written for this table, after the classes of
 * the published findings (HTTP Garden, HAProxy CVE-2023-25725, llhttp CVE-2022-32213, -32215 and CVE-2024-27982). Each is what
 * a client sends on one connection, byte for byte: characters are bytes (Latin-1), `{key}` is a valid key.
 */
export interface SmugglingCase {
  readonly name: string
  readonly bytes: string
  /**
   * `refused`: one answer of the 4xx class, and the connection is closed; the provider sees nothing.
   * `alone`: there is one safe reading; the provider sees the first body once, exactly, and what follows is not taken for a
   * second call.
   */
  readonly outcome: 'refused' | 'alone'
  /** Why one reading is safe. */
  readonly because?: string
  /** The client sends no more: without that, the listener rightly waits for the rest. */
  readonly thenEnds?: true
}

/** The call that an attacker wants served without anyone having judged it. */
export const smuggled = request('{"model":"m","messages":[{"role":"user","content":"smuggled"}]}')
export const open = '{"model":"m","messages":[{"role":"user","content":"open"}]}'

function request(body: string): string {
  return `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

/** A request with the key and these header lines, and what follows the empty line. */
function call(headerLines: string, rest: string, requestLine = 'POST /v1/chat/completions HTTP/1.1'): string {
  return `${requestLine}\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n${headerLines}\r\n\r\n${rest}`
}

const length = `Content-Length: ${open.length}`
const asChunk = (body: string, size = body.length.toString(16)) => `${size}\r\n${body}\r\n0\r\n\r\n`
const chunked = 'Transfer-Encoding: chunked'

const refused = (name: string, bytes: string, thenEnds?: true): SmugglingCase => ({
  name,
  bytes,
  outcome: 'refused',
  ...(thenEnds ? { thenEnds } : {}),
})
const alone = (name: string, bytes: string, because: string): SmugglingCase => ({
  name,
  bytes,
  outcome: 'alone',
  because,
})

/** With a length header of this text, the body, and the smuggled call right behind it. */
const withLength = (header: string) => call(header, open + smuggled)
const withChunks = (headers: string, chunks = asChunk(open)) => call(headers, chunks + smuggled)

export const smugglingCases: readonly SmugglingCase[] = [
  // --- two ways to say where the body ends ---
  refused('length and chunks', withChunks(`${length}\r\n${chunked}`)),
  refused('chunks and length', withChunks(`${chunked}\r\n${length}`)),
  refused('length of nothing, and chunks', withChunks(`Content-Length: 0\r\n${chunked}`)),
  refused('two lengths that differ', withLength(`Content-Length: 0\r\n${length}`)),
  refused('two lengths that are equal', withLength(`${length}\r\n${length}`)),
  refused('a list of equal lengths', withLength(`Content-Length: ${open.length}, ${open.length}`)),
  refused('a list of different lengths', withLength(`Content-Length: 0, ${open.length}`)),
  refused('two transfer encodings', withChunks(`${chunked}\r\n${chunked}`)),
  refused('two transfer encodings, one of them identity', withChunks(`${chunked}\r\nTransfer-Encoding: identity`)),
  refused('length and an unknown encoding', withLength(`${length}\r\nTransfer-Encoding: xchunked`)),

  // --- lengths that are no plain number ---
  refused('a length with a plus', withLength(`Content-Length: +${open.length}`)),
  refused('a negative length', withLength('Content-Length: -1')),
  refused('a hexadecimal length', withLength(`Content-Length: 0x${open.length.toString(16)}`)),
  refused('a length with an underscore', withLength('Content-Length: 5_9')),
  refused('a length with a blank inside', withLength('Content-Length: 5 9')),
  refused('a length with a comma at the end', withLength(`${length},`)),
  refused('a fractional length', withLength(`${length}.0`)),
  refused('an exponent for a length', withLength('Content-Length: 59e0')),
  refused('an empty length', withLength('Content-Length: ')),
  refused('a length in quotes', withLength(`Content-Length: "${open.length}"`)),
  refused('a length beyond 64 bits', withLength('Content-Length: 18446744073709551675')),
  refused('a length with a letter behind', withLength(`${length}a`)),
  refused('a length with NUL behind', withLength(`${length}\0`)),
  refused('a length in other digits', withLength('Content-Length: \xb2\xb9')),
  alone(
    'a length with leading zeros',
    withLength(`Content-Length: 000${open.length}`),
    'RFC 9110, section 8.6: any number of digits; the value is the same',
  ),

  // --- names of headers that are none ---
  refused('a blank before the colon of the length', withLength(`Content-Length : ${open.length}`)),
  refused('a tab before the colon of the encoding', withChunks('Transfer-Encoding\t: chunked')),
  refused('a name with NUL', withLength(`Content\0Length: 0\r\n${length}`)),
  refused('an empty name', withLength(`: x\r\n${length}`)),
  refused('an empty name that hides headers', withLength(`:\r\n${chunked}\r\n${length}`)),
  refused('a line without a colon', withLength(`nonsense\r\n${length}`)),
  refused('a name with a no-break space', withLength(`Content-Length\xa0: 0\r\n${length}`)),
  refused('a name with a carriage return', withLength(`X-A\rContent-Length: 0\r\n${length}`)),
  refused('a name in brackets', withLength(`(x): y\r\n${length}`)),
  alone(
    'a name with an underscore',
    withLength(`Content_Length: 0\r\n${length}`),
    'another header, which is not passed on to anyone',
  ),

  // --- lines that are folded, or end in other ways ---
  refused('a folded length', withLength(`Content-Length:\r\n ${open.length}`)),
  refused('a folded encoding', withChunks('Transfer-Encoding:\r\n chunked')),
  refused('a fold that hides a length', withLength(`X-A: b\r\n Content-Length: 0\r\n${length}`)),
  refused(
    'a first header that begins with a blank',
    `POST /v1/chat/completions HTTP/1.1\r\n Host: x\r\n${length}\r\n\r\n`,
  ),
  refused('lines that end with LF only', call('', '').replaceAll('\r\n', '\n')),
  refused('one line that ends with LF only', withLength(`X-A: b\nX-B: c\r\n${length}`)),
  refused('one line that ends with CR only', withLength(`X-A: b\rX-B: c\r\n${length}`)),
  refused('headers that end with CR LF LF', `${call(length, '').slice(0, -2)}\n${open}${smuggled}`),
  refused('headers that end with LF CR LF', `${call(length, '').slice(0, -4)}\n\r\n${open}${smuggled}`),
  refused('a value with CR and a smuggled header', withLength(`X-A: b\r${chunked}\r\n${length}`)),
  refused('a value with NUL', withLength(`X-A: b\0c\r\n${length}`)),
  refused('a value with DEL', withLength(`X-A: b\x7fc\r\n${length}`)),

  // --- transfer encodings that only some know ---
  refused('a no-break space before chunked', withChunks('Transfer-Encoding: \xa0chunked')),
  refused('a vertical tab before chunked', withChunks('Transfer-Encoding: \x0bchunked')),
  refused('chunked in quotes', withChunks('Transfer-Encoding: "chunked"')),
  refused('chunked, then identity', withChunks('Transfer-Encoding: chunked, identity')),
  refused('chunked twice', withChunks('Transfer-Encoding: chunked, chunked')),
  refused('gzip, then chunked', withChunks('Transfer-Encoding: gzip, chunked')),
  refused('identity', withLength(`Transfer-Encoding: identity\r\n${length}`)),
  refused('an empty encoding', withLength(`Transfer-Encoding:\r\n${length}`)),
  refused('a misspelt chunked', withChunks('Transfer-Encoding: chunke')),
  refused('chunked with a parameter', withChunks('Transfer-Encoding: chunked;x=y')),
  refused('chunks in HTTP/1.0', withChunks(chunked).replace('HTTP/1.1', 'HTTP/1.0')),
  alone(
    'chunked in capitals',
    withChunks('TRANSFER-ENCODING: CHUNKED'),
    'RFC 9112, section 7: names of codings do not depend on case',
  ),

  // --- chunks that are none ---
  refused('a chunk size with 0x', withChunks(chunked, asChunk(open, `0x${open.length.toString(16)}`))),
  refused('a chunk size with a plus', withChunks(chunked, asChunk(open, `+${open.length.toString(16)}`))),
  refused('a negative chunk size', withChunks(chunked, asChunk(open, '-1'))),
  refused('a chunk size with a blank before it', withChunks(chunked, asChunk(open, ` ${open.length.toString(16)}`))),
  refused('a chunk size with a blank behind it', withChunks(chunked, asChunk(open, `${open.length.toString(16)} `))),
  refused('a chunk size with an underscore', withChunks(chunked, asChunk(open, '3_b'))),
  refused('an empty chunk size', withChunks(chunked, asChunk(open, ''))),
  refused('a chunk size beyond 64 bits', withChunks(chunked, asChunk(open, `1${'0'.repeat(16)}3b`))),
  refused(
    'a chunk size that ends with LF only',
    withChunks(chunked, `${open.length.toString(16)}\n${open}\r\n0\r\n\r\n`),
  ),
  refused('a chunk without its CR LF', withChunks(chunked, `${open.length.toString(16)}\r\n${open}0\r\n\r\n`)),
  refused('a chunk that is longer than its size', withChunks(chunked, asChunk(open, '5'))),
  refused('a chunk that ends with LF only', withChunks(chunked, `${open.length.toString(16)}\r\n${open}\n0\r\n\r\n`)),
  refused(
    'a last chunk that ends with LF only',
    withChunks(chunked, `${open.length.toString(16)}\r\n${open}\r\n0\n\n`),
  ),
  refused('a chunk extension with CR', withChunks(chunked, asChunk(open, `${open.length.toString(16)};a\rb`))),
  refused('a chunk extension with LF', withChunks(chunked, asChunk(open, `${open.length.toString(16)};a\nb`))),
  refused('a chunk extension with NUL', withChunks(chunked, asChunk(open, `${open.length.toString(16)};a=\0`))),
  refused(
    'a chunk extension of 20 KiB',
    withChunks(chunked, asChunk(open, `${open.length.toString(16)};a=${'b'.repeat(20_480)}`)),
  ),
  alone(
    'a short chunk extension',
    withChunks(chunked, asChunk(open, `${open.length.toString(16)};a=b`)),
    'RFC 9112, section 7.1.1: unknown extensions must be ignored',
  ),
  refused(
    'trailers that tell a length',
    withChunks(chunked, `${open.length.toString(16)}\r\n${open}\r\n0\r\nContent-Length: 5\r\n\r\n`),
  ),
  alone(
    'trailers that tell a key and a type',
    withChunks(
      chunked,
      `${open.length.toString(16)}\r\n${open}\r\n0\r\nAuthorization: Bearer x\r\nContent-Type: text/plain\r\n\r\n`,
    ),
    'trailers are thrown away; they change nothing',
  ),
  alone(
    'a chunk size with leading zeros',
    withChunks(chunked, asChunk(open, `000${open.length.toString(16)}`)),
    'the value is the same',
  ),

  // --- request lines ---
  refused('HTTP/1.32', call(length, open + smuggled, 'POST /v1/chat/completions HTTP/1.32')),
  refused('HTTP/2.0', call(length, open + smuggled, 'POST /v1/chat/completions HTTP/2.0')),
  refused('HTTP/0.9', call(length, open + smuggled, 'POST /v1/chat/completions HTTP/0.9')),
  refused('HTTP/1', call(length, open + smuggled, 'POST /v1/chat/completions HTTP/1')),
  refused('http/1.1', call(length, open + smuggled, 'POST /v1/chat/completions http/1.1')),
  refused('no version', call(length, open + smuggled, 'POST /v1/chat/completions')),
  refused('another protocol', call(length, open + smuggled, 'POST /v1/chat/completions ICY/1.1')),
  refused('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  alone(
    'a request line with two blanks',
    call(length, open + smuggled, 'POST  /v1/chat/completions HTTP/1.1'),
    'RFC 9112, section 3: blanks may be taken together; where the request ends does not depend on them',
  ),
  refused('a request line with a tab', call(length, open + smuggled, 'POST\t/v1/chat/completions HTTP/1.1')),
  refused('a path with a blank', call(length, open + smuggled, 'POST /v1/chat/completions x HTTP/1.1')),
  refused('a path with NUL', call(length, open + smuggled, 'POST /v1/chat/completions\0 HTTP/1.1')),
  refused('a path with a fragment', call(length, open + smuggled, 'POST /v1/chat/completions#x HTTP/1.1')),
  refused('a path in absolute form', call(length, open + smuggled, 'POST http://x/v1/chat/completions HTTP/1.1')),
  refused('a path in absolute form of another host', call(length, open + smuggled, 'POST http://internal/ HTTP/1.1')),
  refused('a path with dots', call(length, open + smuggled, 'POST /v1/x/../chat/completions HTTP/1.1')),
  refused('an encoded path', call(length, open + smuggled, 'POST /v1/chat%2fcompletions HTTP/1.1')),
  refused('a method in small letters', call(length, open + smuggled, 'post /v1/chat/completions HTTP/1.1')),
  refused('a method nobody knows', call(length, open + smuggled, 'PO/ST /v1/chat/completions HTTP/1.1')),
  refused('a line of garbage first', `garbage\r\n${call(length, open + smuggled)}`),
  refused('a tunnel', `CONNECT internal:80 HTTP/1.1\r\nHost: x\r\n\r\n${smuggled}`),
  alone('empty lines first', `\r\n\r\n${withLength(length)}`, 'RFC 9112, section 2.2: a server should ignore them'),

  // --- other headers that two readers may read differently ---
  refused('no host', withLength(length).replace('Host: x\r\n', '')),
  refused('two hosts', withLength(`Host: y\r\n${length}`)),
  refused('two content types', withLength(`Content-Type: text/plain\r\n${length}`)),
  refused('two keys', withLength(`Authorization: Bearer x\r\n${length}`)),
  refused('a compressed body', withLength(`Content-Encoding: gzip\r\n${length}`)),
  refused('an expectation nobody knows', withLength(`Expect: 200-ok\r\n${length}`)),
  refused('two expectations', withLength(`Expect: 100-continue\r\nExpect: 100-continue\r\n${length}`)),
  alone(
    'an upgrade to HTTP/2',
    withLength(`Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n${length}`),
    'nothing is upgraded to: the request is answered in HTTP/1.1',
  ),
  alone(
    'headers that are said to concern this hop only',
    withLength(`Connection: content-length, authorization\r\n${length}`),
    'framing is never dropped because of a header; nothing of the client is passed on but what is allowed',
  ),
  refused('an HTTP/1.0 request with another behind it', withLength(length).replace('HTTP/1.1', 'HTTP/1.0')),
  alone(
    'an HTTP/1.0 request',
    call(length, open).replace('HTTP/1.1', 'HTTP/1.0'),
    'its length says where it ends, and the connection is closed after it',
  ),

  // --- what follows a whole request ---
  alone('a second request at once', withLength(length), 'pipelining is refused: the second is answered with 400'),
  refused('garbage behind the body', call(length, `${open}garbage\r\n\r\n`)),
  alone('a chunked body and a second request', withChunks(chunked), 'pipelining is refused'),
  refused('a body that never comes whole', call('Content-Length: 5000', open + smuggled), true),
  refused('chunks without an end', call(chunked, `${open.length.toString(16)}\r\n${open}\r\n`), true),
  refused('a GET with a body', call(length, open + smuggled, 'GET /v1/chat/completions HTTP/1.1')),
  refused('a body at a path that takes none', call(length, open + smuggled, 'POST /healthz HTTP/1.1')),
]
