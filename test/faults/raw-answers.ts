import type net from 'node:net'
import { gzipSync } from 'node:zlib'

/** Says exact bytes to a call that has come whole. */
export type RawAnswer = (socket: net.Socket) => void

const bodyOf = (text: string) =>
  JSON.stringify({
    id: 'c1',
    object: 'chat.completion',
    model: 'raw',
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
  })
const whole = bodyOf('raw says this')
const json = 'content-type: application/json'
const frame = (value: unknown, event?: string) =>
  `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(value)}\n\n`
const delta = (content: string) => frame({ id: 'c1', choices: [{ index: 0, delta: { content }, finish_reason: null }] })
const stop = frame({ id: 'c1', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })
const usage = frame({
  id: 'c1',
  choices: [],
  usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
})
const done = 'data: [DONE]\n\n'
const noJson = 'data: {"this is": no JSON\n\n'
const told = { type: 'message', id: 'm1', role: 'assistant', model: 'raw', content: [], stop_reason: null }

function head(...lines: readonly string[]): string {
  return `${['HTTP/1.1 200 OK', ...lines].join('\r\n')}\r\n\r\n`
}

function sized(body: string | Buffer, ...lines: readonly string[]): Buffer {
  const bytes = Buffer.from(body)
  return Buffer.concat([Buffer.from(head(...lines, `content-length: ${bytes.length}`)), bytes])
}

function stream(...frames: readonly string[]): Buffer {
  const text = frames.join('')
  const chunk = `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n0\r\n\r\n`
  return Buffer.from(head('content-type: text/event-stream', 'transfer-encoding: chunked') + chunk)
}

/** Leaves the connection open, as a well-meant server does. */
const say =
  (bytes: Buffer | string): RawAnswer =>
  (socket) =>
    void socket.write(bytes)

const sayAndEnd =
  (bytes: Buffer | string): RawAnswer =>
  (socket) =>
    void socket.end(bytes)

/** A bomb: 64 MiB of zeros in 64 KiB. */
const bomb = () => gzipSync(Buffer.alloc(64 * 1024 * 1024))
/** The head of a zstd frame and one block that says: this byte, 128 KiB times. RFC 8878, 3.1.1. */
const zstdRun = () => {
  const block = Buffer.from([0x02, 0x00, 0x10, 0x00])
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]), ...Array<Buffer>(500).fill(block)])
}

/** Answers that no good provider gives, byte for byte. */
export const rawAnswers = {
  good: () => say(sized(whole, json)),
  goodStream: () => say(stream(delta('raw '), delta('says'), stop, usage, done)),
  truncatedJson: () => say(sized(whole.slice(0, whole.length >> 1), json)),
  noJson: () => say(sized('that is no JSON at all', json)),
  lengthTooLong: () => sayAndEnd(`${head(json, `content-length: ${whole.length + 100}`)}${whole}`),
  lengthTooShort: () => say(`${head(json, `content-length: ${whole.length - 10}`)}${whole}`),
  lengthAndChunks: () =>
    say(
      `${head(json, `content-length: ${whole.length}`, 'transfer-encoding: chunked')}${whole.length.toString(16)}\r\n${whole}\r\n0\r\n\r\n`,
    ),
  twoLengths: () => say(`${head(json, `content-length: ${whole.length}`, 'content-length: 5')}${whole}`),
  twoAnswers: () =>
    say(Buffer.concat([sized(whole, json), sized(bodyOf('and something that nobody asked for'), json)])),
  informationalFirst: () =>
    say(Buffer.concat([Buffer.from('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'), sized(whole, json)])),
  gzipBomb: () => say(sized(bomb(), json, 'content-encoding: gzip')),
  thousandEncodings: () => say(sized(whole, json, `content-encoding: ${Array(1_000).fill('gzip').join(',')}`)),
  zstdRun: () => say(sized(zstdRun(), json, 'content-encoding: zstd')),
  headerBomb: () =>
    say(sized(whole, json, ...Array.from({ length: 4_000 }, (_, place) => `x-${place}: ${'y'.repeat(50)}`))),
  noHttp: () => sayAndEnd('220 mail.example ESMTP\r\n'),
  malformedLine: () => say(stream(delta('raw '), noJson, delta('says'), stop, usage, done)),
  malformedLineFirst: () => say(stream(noJson, delta('raw '), delta('says'), stop, usage, done)),
  malformedMessagesLine: () =>
    say(
      stream(
        frame(
          { type: 'message_start', message: { ...told, usage: { input_tokens: 5, output_tokens: 1 } } },
          'message_start',
        ),
        frame(
          { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
          'content_block_start',
        ),
        frame(
          { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'raw ' } },
          'content_block_delta',
        ),
        `event: content_block_delta\n${noJson}`,
        frame(
          { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'says' } },
          'content_block_delta',
        ),
        frame({ type: 'content_block_stop', index: 0 }, 'content_block_stop'),
        frame(
          { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
          'message_delta',
        ),
        frame({ type: 'message_stop' }, 'message_stop'),
      ),
    ),
  errorWithStatus200: () =>
    say(sized(JSON.stringify({ error: { message: 'out of order', type: 'server_error' } }), json)),
  errorInStream: () => say(stream(frame({ error: { message: 'out of order', type: 'server_error' } }))),
  errorAfterContent: () =>
    say(stream(delta('raw '), frame({ error: { message: 'out of order', type: 'server_error' } }))),
  html500: () =>
    say(
      sized('<html><script>alert("canary")</script></html>', 'content-type: text/html')
        .toString()
        .replace('200 OK', '500 Oops'),
    ),
  redirectTo: (address: string) => say(sized('', `location: ${address}`).toString().replace('200 OK', '302 Found')),
  limited: (retryAfter: string) =>
    say(
      sized(
        JSON.stringify({ error: { message: 'slow down', type: 'rate_limit_error' } }),
        json,
        `retry-after: ${retryAfter}`,
      )
        .toString()
        .replace('200 OK', '429 Too Many Requests'),
    ),
  /** @param told as JSON, since JSON can say numbers that JavaScript cannot. */
  usage: (told: string) => say(sized(whole.replace(/"usage":\{[^}]*\}/, `"usage":${told}`), json)),
  /** A stream of so many bytes, as fast as they are read. */
  flood: (sizeBytes: number) => (socket: net.Socket) => {
    const text = delta('water '.repeat(10_000))
    const chunk = Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`)
    socket.write(head('content-type: text/event-stream', 'transfer-encoding: chunked'))
    const more = () => {
      while (socket.writable && socket.bytesWritten < sizeBytes)
        if (!socket.write(chunk)) return void socket.once('drain', more)
    }
    more()
  },
  endsWithoutLastFrame: () => say(stream(delta('raw '), delta('says'))),
} as const satisfies Readonly<Record<string, (told: never) => RawAnswer>>
