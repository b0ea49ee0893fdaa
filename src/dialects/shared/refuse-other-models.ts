import { GatewayError } from '../../canonical/error.ts'
import { isJsonObject, wordOf, type Json, type JsonObject } from '../../canonical/json.ts'
import { isGiven, isJsonArray } from './call-fields.ts'

/**
 * Where a body may name further models: OpenRouter's `models`, and `preset` for whole settings, model included; LiteLLM's lists of
 * fallbacks; SGLang's adapter beside the model (their API references, read 2026-11).
 */
const choosing = [
  'models',
  'preset',
  'fallbacks',
  'context_window_fallbacks',
  'content_policy_fallbacks',
  'lora_path',
] as const

/**
 * Beside those fields, OpenRouter takes plugins that ask models of their own, Groq's compound systems take theirs in
 * `compound_custom.models`, and Vercel's gateway in `providerOptions.gateway.models`. All would be used, and billed, without anyone
 * having permitted them here: failover is the config's business.
 * @throws GatewayError `unsupported`, naming the field.
 */
export function refuseOtherModels(body: JsonObject): void {
  for (const key of choosing)
    if (isGiven(body[key]))
      throw new GatewayError(
        'unsupported',
        `\`${key}\` would let the provider choose models that were not asked for here; name one in \`model\``,
        { param: key },
      )
  refuseToolsOfOtherModels(body)
  const { plugins, compound_custom: compound, providerOptions: options } = body
  if (isJsonArray(plugins)) for (const plugin of plugins) refusePlugin(plugin)
  if (isJsonObject(compound) && isGiven(compound['models'])) throw asksOthers('`compound_custom`', 'compound_custom')
  const gateway = isJsonObject(options) ? options['gateway'] : undefined
  if (isJsonObject(gateway) && isGiven(gateway['models']))
    throw asksOthers('`providerOptions.gateway.models`', 'providerOptions')
}

/**
 * Tools that the provider runs may ask a model of their own, one that is named or one that the provider chooses.
 * @param holder of `tools`: a body, or a part of one that adds tools.
 * @throws GatewayError `unsupported`.
 */
export function refuseToolsOfOtherModels({ tools }: JsonObject): void {
  if (isJsonArray(tools)) for (const tool of tools) refuseToolOfOtherModels(tool)
}

export function refuseToolOfOtherModels(tool: Json | undefined): void {
  if (!isJsonObject(tool)) return
  const { type, parameters } = tool
  switch (type) {
    // The client's own, which may be worded as it likes.
    case undefined:
    case null:
    case 'function':
    case 'custom':
    // OpenAI's, which draws with a model for pictures whether one is named or not: budgets judge it by its fee.
    case 'image_generation':
      return
    case 'namespace':
      return refuseToolsOfOtherModels(tool)
    default:
      if (isUnjudged(type) || namesModels(tool) || (isJsonObject(parameters) && namesModels(parameters)))
        throw asksOthers(`the tool ${wordOf(type)}`, 'tools')
  }
}

/**
 * OpenRouter runs tools of its own, some of which ask another model: where none is named, the model that is asked chooses one. Only those
 * that are known to ask none by themselves pass, so that a new one is judged before it is used.
 */
function isUnjudged(type: Json): boolean {
  return (
    typeof type === 'string' && type.startsWith('openrouter:') && !judgedTools.has(type.slice('openrouter:'.length))
  )
}

/** OpenRouter's API description, read 2026-11. The one for pictures has a model of its own, and is refused where the call names one. */
const judgedTools: ReadonlySet<string> = new Set([
  'apply_patch',
  'bash',
  'datetime',
  'experimental__search_models',
  'files',
  'image_generation',
  'shell',
  'tool_search',
  'web_fetch',
  'web_search',
])

/** `allowed_models` of its router does not count: it narrows what a model that was permitted chooses from. */
function namesModels(holder: JsonObject): boolean {
  return isGiven(holder['model']) || isGiven(holder['models']) || isGiven(holder['analysis_models'])
}

function refusePlugin(plugin: Json): void {
  if (!isJsonObject(plugin) || plugin['enabled'] === false) return
  const { id } = plugin
  if (id === 'fusion' || namesModels(plugin)) throw asksOthers(`the plugin ${wordOf(id)}`, 'plugins')
}

function asksOthers(what: string, param: string): GatewayError {
  return new GatewayError(
    'unsupported',
    `${what} would ask other models than the one in \`model\`, which nobody has permitted here: leave it out`,
    { param },
  )
}
