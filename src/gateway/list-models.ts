import type { Principal } from '../canonical/principal.ts'
import type { DialectName } from '../dialects/dialect.ts'
import { mayUse } from '../policies/access/permit.ts'
import type { Snapshot } from './snapshot.ts'

/**
 * What `GET /v1/models` tells a key: the models it may use, in the caller's dialect. Patterns are left out, since `openai/*`
 * is no name that could be called.
 */
export function listModels(snapshot: Snapshot, principal: Principal, dialect: DialectName): unknown {
  const names = snapshot.catalog.models
    .map((model) => model.name)
    .filter((name) => !name.includes('*') && mayUse(principal, name))
  if (dialect === 'anthropic-messages')
    return {
      data: names.map((id) => ({ type: 'model', id, display_name: id, created_at: '1970-01-01T00:00:00Z' })),
      has_more: false,
      first_id: names[0] ?? null,
      last_id: names.at(-1) ?? null,
    }
  if (dialect === 'gemini-generate')
    return {
      models: names.map((name) => ({
        name: `models/${name}`,
        displayName: name,
        supportedGenerationMethods: ['generateContent', 'streamGenerateContent'],
      })),
    }
  return { object: 'list', data: names.map((id) => ({ id, object: 'model', created: 0, owned_by: 'weir' })) }
}
