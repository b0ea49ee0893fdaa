import { Counter, type Registry } from 'prom-client'

/** What became of one way to a connection. The providers' own word for it. */
export type MeasuredConnection =
  | { readonly kind: 'opened'; readonly provider: string; readonly tls: 'none' | 'new' | 'resumed' }
  | { readonly kind: 'failed'; readonly provider: string; readonly at: string }
  | { readonly kind: 'dns-failed'; readonly provider: string }

/** Connections to providers. */
export function addConnectionMetrics(registers: Registry[]) {
  const connections = new Counter({
    name: 'weir_upstream_connections_total',
    help: 'Connections opened to providers.',
    labelNames: ['provider'] as const,
    registers,
  })
  const handshakes = new Counter({
    name: 'weir_upstream_tls_handshakes_total',
    help: 'TLS handshakes with providers. A resumed one costs a fraction of a new one.',
    labelNames: ['provider', 'resumed'] as const,
    registers,
  })
  const connectFailures = new Counter({
    name: 'weir_upstream_connect_failures_total',
    help: 'Connections to providers that did not come to be, by how far they came.',
    labelNames: ['provider', 'at'] as const,
    registers,
  })
  const dnsFailures = new Counter({
    name: 'weir_upstream_dns_failures_total',
    help: 'Connections for which DNS had no answer, those that an earlier answer served included.',
    labelNames: ['provider'] as const,
    registers,
  })
  return {
    noteConnection: (connection: MeasuredConnection) => {
      const { provider } = connection
      if (connection.kind === 'dns-failed') return dnsFailures.inc({ provider })
      if (connection.kind === 'failed') return connectFailures.inc({ provider, at: connection.at })
      connections.inc({ provider })
      if (connection.tls !== 'none') handshakes.inc({ provider, resumed: String(connection.tls === 'resumed') })
    },
  }
}
