import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import { startGateway } from '../../gateway-fixture.ts'

/*
 * Starts a gateway with a provider of each cloud in a process of its own, and says on one line which modules of their libraries were
 * loaded: at the start, and after a call of Bedrock's.
 */
const loaded = new Set<string>()
registerHooks({
  load: (url, around, next) => {
    const [, library] = /\/node_modules\/(@aws-sdk\/[^/]+|@smithy\/[^/]+|google-auth-library)\//.exec(url) ?? []
    if (library !== undefined) loaded.add(library)
    return next(url, around)
  },
})

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const address = 'baseUrl: "http://127.0.0.1:1"'
  const weir = await startGateway({
    env: { KEY: 'key', ID: 'id', SECRET: 'secret' },
    config: `
providers:
  azure: { kind: azure, ${address}, credentials: { apiKey: env:KEY } }
  vertex: { kind: vertex, ${address}, project: p }
  chain: { kind: bedrock, ${address}, region: us-east-1 }
  bedrock: { kind: bedrock, ${address}, region: us-east-1, accessKey: { id: env:ID, secret: env:SECRET } }
models:
  "*": { targets: [{ provider: bedrock, model: "*" }] }
`,
  })
  const atStart = [...loaded]
  const answered = await fetch(`${weir.gateway.dataOrigin}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': weir.key, 'content-type': 'application/json' },
    body: '{"model":"anthropic.x","max_tokens":1,"messages":[{"role":"user","content":"hi"}]}',
  })
  process.stdout.write(`${JSON.stringify({ atStart, status: answered.status, afterCall: [...loaded] })}\n`)
  await weir.close()
}
