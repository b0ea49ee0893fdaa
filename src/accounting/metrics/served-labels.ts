import type { UsageRecord } from '../../canonical/usage-record.ts'

/** What an attempt was and who served it, in the words of OpenTelemetry's gen_ai conventions. */
export const served = ['gen_ai_operation_name', 'gen_ai_provider_name', 'gen_ai_request_model'] as const

export type ServedLabels = Readonly<Record<(typeof served)[number], string>>

export function servedLabelsOf({ operation, provider, catalogModel }: UsageRecord): ServedLabels {
  return {
    gen_ai_operation_name: operation,
    gen_ai_provider_name: provider ?? 'none',
    // The entry of the config, never the client's own text: labels must not grow without bound.
    gen_ai_request_model: catalogModel ?? '',
  }
}
