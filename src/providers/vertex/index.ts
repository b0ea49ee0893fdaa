import { readBaseUrl } from '../base-url.ts'
import type { Envelope } from '../envelope.ts'
import { plainHeaders } from '../headers.ts'
import type { ProviderKind } from '../kind.ts'
import { openGoogleTokens } from './google-tokens.ts'

/**
 * Vertex AI: Google's own models in Gemini's dialect, Anthropic's in theirs. Which of the two a model is spoken to in, its name
 * tells.
 */
export const vertex: ProviderKind = {
  kind: 'vertex',
  about: {
    title: 'Vertex AI: Gemini and Claude on Google Cloud',
    baseUrl: "its location's",
    recordedOn: '2026-08-19',
    quirks: [
      'Claude: `model` stands in the path, the version in the body (Anthropic docs, Claude on Vertex AI, 2026-11).',
      'Claude Sonnet 4.5 and all later models of Claude cost 10 % more outside of `global`: that is added to the list price (the same page).',
    ],
  },
  open: (name, settings, credentials) => {
    if (!settings.vertex) throw new Error(`provider "${name}" has no project`)
    const { project, location } = settings.vertex
    const { origin, path } = readBaseUrl(settings.baseUrl ?? `https://${hostOf(location)}`)
    const versioned = /\/v1(?:beta1)?$/.test(path) ? path : `${path}/v1`
    const publishers = `${versioned}/projects/${project}/locations/${location}/publishers`
    const tokens = openGoogleTokens(name, project, settings.network, settings.secrets?.['serviceAccount'])
    return {
      name,
      kind: 'vertex',
      origin,
      endpoints: {
        'gemini-generate': `${publishers}/google`,
        'gemini-embeddings': `${publishers}/google`,
        'gemini-count-tokens': `${publishers}/google`,
        'anthropic-messages': `${publishers}/anthropic`,
      },
      envelopes: { 'anthropic-messages': anthropicEnvelope },
      speaks: (dialect, modelName) => (dialect === 'anthropic-messages') === modelName.startsWith('claude'),
      credentials,
      priceProvider: settings.priceProvider ?? 'google',
      surchargeOf: (modelName) => (location === 'global' ? undefined : regionalSurcharge(modelName)),
      network: settings.network,
      headers: (dialect, _credential, clientHeader) => {
        const betas = dialect === 'anthropic-messages' ? clientHeader('anthropic-beta') : undefined
        return betas === undefined ? [...plainHeaders] : [...plainHeaders, 'anthropic-beta', betas]
      },
      authorize: async (_call, means) => {
        const accessToken = await tokens(means)
        return { headers: ['authorization', `Bearer ${accessToken}`], secrets: [accessToken] }
      },
    }
  },
}

/**
 * Claude Sonnet 4.5 and all models after it cost a tenth more in a region or a multi-region than in the global location (Anthropic docs,
 * "Claude on Vertex AI", read 2026-11). A name that is not known is taken for a later one.
 */
function regionalSurcharge(modelName: string): { readonly percent: number; readonly why: string } | undefined {
  if (!modelName.startsWith('claude') || olderClaude.test(modelName)) return undefined
  return { percent: 10, why: 'Claude on Vertex AI outside of the global location (Anthropic docs, 2026-11)' }
}

const olderClaude = /^claude-(?:instant|[123]|(?:opus|sonnet)-4(?:-[01])?(?:@|-\d{8}|$))/

/** Google Cloud docs, "Deployments and endpoints" of generative AI on Vertex AI, read 2026-11. */
function hostOf(location: string): string {
  if (location === 'global') return 'aiplatform.googleapis.com'
  return location === 'us' || location === 'eu'
    ? `aiplatform.${location}.rep.googleapis.com`
    : `${location}-aiplatform.googleapis.com`
}

/** Anthropic docs, "Claude on Vertex AI", read 2026-11. */
const anthropicEnvelope: Envelope = {
  pathFor: (endpoint, modelName, isStream) => {
    // Names have a version behind an at sign, which Google's own clients leave as it is.
    const model = encodeURIComponent(modelName).replaceAll('%40', '@')
    return `${endpoint}/models/${model}:${isStream ? 'streamRawPredict' : 'rawPredict'}`
  },
  without: ['model'],
  members: () => [{ key: 'anthropic_version', value: 'vertex-2023-10-16' }],
}
