import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { reportMissingCorpus } from '../../corpus.ts'
import { startGateway, type RunningGateway } from '../../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../../replay-upstream.ts'
import { recordedCases, wildErrorCases, type Api } from './cases.ts'
import { coverageOf } from './coverage.ts'
import { drive, type Finding } from './drive.ts'
import { unexplained, type Sdk } from './exceptions.ts'
import { ownCases } from './own-cases.ts'
import type { Driver } from './told.ts'

export interface SdkSettings {
  readonly sdk: Sdk
  readonly apis: readonly Api[]
  /** The provider behind the gateway, which speaks these APIs. */
  readonly kind: 'openai' | 'openai-compatible' | 'anthropic' | 'gemini' | 'cohere'
  /** What stands in the SDK's base URL behind the origin. */
  readonly path: string
  readonly driver: (baseURL: string, apiKey: string) => Driver
}

const providerKey = 'replay-secret-1'

/** Drives an SDK over everything recorded, at the replay and through one gateway in front of it, and says what differs. */
export function sdkJourney(name: string, { sdk, apis, kind, path, driver }: SdkSettings): void {
  describe(name, () => {
    let upstream: ReplayUpstream
    let weir: RunningGateway
    let findings: readonly Finding[] = []

    beforeAll(async () => {
      // Of the Anthropic SDK, for each call to a model that will be retired.
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
      // Of LangChain, for each answer with content in parts.
      const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
      upstream = await startReplay()
      weir = await startGateway({
        config: `
providers:
  replay: { kind: ${kind}, baseUrl: "${upstream.origin}/v1", credentials: { apiKey: env:REPLAY_KEY } }
models:
  # One recorded refusal says to come back at once: what is compared is one attempt.
  "*": { targets: [{ provider: replay, model: "*" }], retry: { maxAttempts: 1 } }
`,
        env: { REPLAY_KEY: providerKey },
      })
      const recorded = recordedCases(...apis)
      findings = await drive([...ownCases(...apis), ...recorded, ...wildErrorCases(...apis)], {
        upstream,
        weir,
        direct: driver(`${upstream.origin}${path}`, providerKey),
        viaGateway: driver(`${weir.gateway.dataOrigin}${path}`, weir.key),
      })
      warn.mockRestore()
      log.mockRestore()
      if (recorded.length === 0) reportMissingCorpus(name)
      console.log(coverageOf(name, findings))
    }, 120_000)

    afterAll(async () => {
      await weir.close()
      await upstream.close()
    })

    it('S6 gets through the gateway what it gets from the provider itself, and errors by the table', () => {
      expect(unexplained(sdk, 'told', findings)).toEqual({ unlisted: {}, needless: [] })
    })

    it('M8 has its body sent on as it is, but that every stream is asked for its usage', () => {
      expect(unexplained(sdk, 'sent', findings)).toEqual({ unlisted: {}, needless: [] })
    })

    it('M9 has one record for each call, with the usage that the provider told', () => {
      expect(unexplained(sdk, 'counted', findings)).toEqual({ unlisted: {}, needless: [] })
    })
  })
}
