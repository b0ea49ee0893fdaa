import { dnsTimeoutCode } from './resolver.ts'

/** Problems of our own on the way to a connection. Everything else has a code of the system's, of TLS or of DNS. */
export type ConnectCode =
  | 'CONNECT_TIMEOUT'
  | 'PRIVATE_ADDRESS'
  | 'PROXY_REFUSED'
  | 'PROXY_AUTHENTICATION'
  | 'PROXY_CLOSED'
  | 'PROXY_INVALID'

/** @param detail what the words leave open, such as a status. Told to clients: no address and no secret. */
export function connectProblem(code: ConnectCode, detail?: string): Error {
  return Object.assign(new Error(detail ?? code), { code, detail })
}

/**
 * Why no connection came to be, for records, logs and clients. Without addresses, and without text of the other side.
 * @returns such as `connect ECONNREFUSED`, or `its certificate has expired (CERT_HAS_EXPIRED)`.
 */
export function connectWords(error: Error, code: string): string {
  const detail = 'detail' in error && typeof error.detail === 'string' ? ` with ${error.detail}` : ''
  const words = Object.hasOwn(sentences, code) ? sentences[code] : undefined
  if (words === undefined && code.includes('_ALERT_')) return `it ended the TLS handshake (${code})`
  return words === undefined ? `connect ${code}` : `${words}${detail} (${code})`
}

const foreignAuthority =
  'an authority that is not trusted here signed its certificate; network.tls.ca names one of your own'
const unknownName = 'DNS does not know its name'
const silentDns = 'DNS gives no answer'

const sentences: Readonly<Record<string, string>> = {
  PRIVATE_ADDRESS: 'its name leads to a private address, which only network.private allows',
  PROXY_REFUSED: 'the proxy refused the connection',
  PROXY_AUTHENTICATION: 'the proxy wants another network.proxy.login',
  PROXY_CLOSED: 'the proxy broke the connection off',
  PROXY_INVALID: 'the proxy does not answer as a proxy',
  ENOTFOUND: unknownName,
  ENODATA: unknownName,
  EAI_AGAIN: silentDns,
  ESERVFAIL: silentDns,
  ETIMEOUT: silentDns,
  [dnsTimeoutCode]: silentDns,
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  CERT_REVOKED: 'its certificate is revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself; network.tls.ca names it if it is yours',
  SELF_SIGNED_CERT_IN_CHAIN: foreignAuthority,
  UNABLE_TO_GET_ISSUER_CERT: foreignAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: foreignAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: foreignAuthority,
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'it speaks no version of TLS that is allowed here',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'it speaks no version of TLS that is allowed here',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'it wants a certificate of ours; network.tls.cert names one',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
}
