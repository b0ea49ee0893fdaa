import { Webhook } from 'standardwebhooks'

/** One that is told, ready to be told. */
export interface Receiver {
  /** As the config names it. Its address may hold a secret, so this is what the log says. */
  readonly name: string
  readonly url: string
  readonly timeoutMs: number
  /** The signature of a message at a moment, as its header tells it. */
  sign(id: string, at: Date, body: string): string
}

const form = /^whsec_(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
// Standard Webhooks, "Symmetric": between 24 and 64 bytes (read 2026-11).
const [fewestBytes, mostBytes] = [24, 64]

/** @returns a sentence without the secret where it is none. */
export function openReceiver(
  name: string,
  { url, timeoutMs }: { readonly url: string; readonly timeoutMs: number },
  secret: string,
): Receiver | string {
  const sizeBytes = form.test(secret) ? Buffer.from(secret.slice('whsec_'.length), 'base64').length : 0
  if (sizeBytes < fewestBytes || sizeBytes > mostBytes)
    return `leads to no secret of a webhook: that is whsec_ and ${fewestBytes} to ${mostBytes} bytes in base64, such as \`echo whsec_$(openssl rand -base64 32)\` prints`
  const webhook = new Webhook(secret)
  return { name, url, timeoutMs, sign: (id, at, body) => webhook.sign(id, at, body) }
}
