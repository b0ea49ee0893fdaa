import { systemClock } from '../../src/canonical/clock.ts'
import { startSimulated } from '../../src/providers/simulated/serve.ts'
import { startGateway } from '../gateway-fixture.ts'
import { answerBytes, corpusDir, recordings, reportMissingCorpus } from '../corpus.ts'
import { installTools } from '../tool-folder.ts'
import exceptions from './exceptions.json' with { type: 'json' }
import { judge } from './judge.ts'
import { probe, probePackage, type Report } from './probe.ts'
import { toldLosses } from './told-losses.ts'

/**
 * `npm run compliance`: llmprobe against the simulated provider itself, and against a gateway in front of it, once for each dialect that
 * the provider is reached by. Each run asks by chat completions, Responses, messages and embeddings, so that most of it is
 * translated. Exit code 1 when a check fails that is not listed, or one is listed that does not fail.
 */
const simulated = await startSimulated({ clock: systemClock, speed: 'instant' })
const prices = "prices: { '*': { input: '1', output: '1' } }"
const credentials = 'credentials: { apiKey: env:KEY }'
const weir = await startGateway({
  env: { KEY: 'provider-key' },
  config: `
providers:
  chat: { kind: openai-compatible, baseUrl: "${simulated.origin}/v1", ${prices} }
  messages: { kind: anthropic, baseUrl: "${simulated.origin}", ${credentials}, ${prices} }
  responses: { kind: openai, baseUrl: "${simulated.origin}/v1", ${credentials}, ${prices} }
  generate: { kind: gemini, baseUrl: "${simulated.origin}", ${credentials}, ${prices} }
models:
  chat: { targets: [{ provider: chat, model: sim-1 }] }
  messages: { targets: [{ provider: messages, model: sim-1 }] }
  responses: { targets: [{ provider: responses, model: sim-1 }] }
  generate: { targets: [{ provider: generate, model: sim-1 }] }
`,
})
try {
  const tools = await installTools(probePackage)
  const alone = await probe(tools, { origin: simulated.origin, apiKey: 'none', modelName: 'sim-1' })
  console.log(`${probePackage}: MUST assertions that passed, of those that could be asked`)
  console.log(countsOf('no gateway', alone))
  let [unlisted, needless] = [0, 0]
  for (const upstream of ['chat', 'messages', 'responses', 'generate']) {
    const through = { origin: weir.gateway.dataOrigin, apiKey: weir.key, modelName: upstream }
    const report = await probe(tools, through)
    const judgement = judge(upstream, report, exceptions)
    console.log(countsOf(upstream, report))
    for (const { check, isListed, why } of judgement.failed)
      console.log(`    ${isListed ? 'listed' : 'OURS  '}  ${check}: ${why}`)
    for (const check of judgement.needless) console.log(`    NEEDLESS  ${check} is listed and does not fail`)
    for (const wrong of await toldLosses(upstream, through)) {
      unlisted += 1
      console.log(`    OURS    ${wrong}`)
    }
    unlisted += judgement.failed.filter(({ isListed }) => !isListed).length
    needless += judgement.needless.length
  }
  console.log(doneSentinels())
  console.log(`${unlisted} failures that are ours, ${needless} needless exceptions`)
  process.exitCode = unlisted + needless > 0 ? 1 : 0
} finally {
  await weir.close()
  await simulated.close()
}

function countsOf(name: string, { passed, total, bySurface, results }: Report): string {
  const surfaces = bySurface.map((one) => `${one.surface} ${one.passed}/${one.total}`).join(', ')
  const asked = results.filter(({ outcome }) => outcome !== 'skipped' && outcome !== 'unsupported').length
  const failed = results.filter(({ outcome }) => outcome === 'fail').length
  return `  ${name.padEnd(10)} ${passed}/${total} (${surfaces}); of ${asked} checks ${failed} failed`
}

/** What the exception for `responses-streaming` says, counted. */
function doneSentinels(): string {
  if (corpusDir === undefined) reportMissingCorpus('the count of recorded streams')
  const streams = recordings('responses').filter(({ streaming, response }) => streaming && response.status === 200)
  const ended = streams.filter((recording) => answerBytes(recording).includes('data: [DONE]'))
  return `  of ${streams.length} recorded streams of Responses ${ended.length} have [DONE]`
}
