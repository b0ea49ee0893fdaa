import { randomValues, type RandomValues } from './random-values.ts'
import type { MarkedRow } from './rows.ts'

/*
 * Secrets in their makers' published formats, made up here, in what people paste: files of settings, commands, code, logs. Forms as for
 * `fill`. The prefixes are in two pieces, so that scanners of repositories stay quiet.
 */
const b64 = (values: RandomValues, bytes: number) =>
  Buffer.from(Array.from({ length: bytes }, () => values.below(256))).toString('base64')

const made: readonly (readonly [kind: string, make: (values: RandomValues) => string])[] = [
  ...(
    [
      ['anthropic', 'sk-', 'ant-api03-{w93}AA'],
      ['anthropic-admin', 'sk-', 'ant-admin01-{w60}'],
      ['openai', 'sk-', 'proj-{w74}T3BlbkFJ{w74}'],
      ['openai-old', 'sk-', '{w20}T3BlbkFJ{w20}'],
      ['openai-service', 'sk-', 'svcacct-{w58}T3BlbkFJ{w58}'],
      ['openrouter', 'sk-', 'or-v1-{x64}'],
      ['deepseek', 'sk-', '{x32}'],
      ['aws-key', 'AK', 'IA{A8}2345{A4}'],
      ['aws-session-key', 'AS', 'IA{A16}'],
      ['google', 'AI', 'zaSy{w33}'],
      ['google-oauth', 'GOC', 'SPX-{w28}'],
      ['google-access', 'ya', '29.{w120}'],
      ['github', 'gh', 'p_{w36}'],
      ['github-oauth', 'gh', 'o_{w36}'],
      ['github-app', 'gh', 's_{w36}'],
      ['github-fine', 'github', '_pat_{w22}_{w59}'],
      ['gitlab', 'glp', 'at-{w20}'],
      ['gitlab-routable', 'glp', 'at-{w27}.01.{x9}'],
      ['gitlab-runner', 'glr', 't-{w20}'],
      ['slack-bot', 'xo', 'xb-############-#############-{w24}'],
      ['slack-user', 'xo', 'xp-############-############-############-{x32}'],
      ['slack-app', 'xa', 'pp-1-A{A10}-#############-{x64}'],
      ['slack-hook', 'https://hooks.', 'slack.com/services/T{A8}/B{A8}/{w24}'],
      ['stripe', 'sk', '_live_{w24}'],
      ['stripe-long', 'sk', '_live_51{w99}'],
      ['stripe-restricted', 'rk', '_live_{w24}'],
      ['stripe-hook', 'wh', 'sec_{w32}'],
      ['npm', 'np', 'm_{w36}'],
      ['pypi', 'py', 'pi-AgEIcHlwaS5vcmc{w100}'],
      ['huggingface', 'h', 'f_{a17}{A17}'],
      ['groq', 'gs', 'k_{w52}'],
      ['xai', 'xa', 'i-{w80}'],
      ['perplexity', 'pp', 'lx-{w48}'],
      ['replicate', 'r', '8_{w37}'],
      ['fireworks', 'f', 'w_{w24}'],
      ['nvidia', 'nv', 'api-{w64}'],
      ['sendgrid', 'S', 'G.{w22}.{w43}'],
      ['twilio', 'S', 'K{x32}'],
      ['mailgun', 'ke', 'y-{x32}'],
      ['telegram', '##########', ':AA{w33}'],
      ['digitalocean', 'do', 'p_v1_{x64}'],
      ['shopify', 'sh', 'pat_{x32}'],
      ['vault', 'hv', 's.{w24}'],
      ['grafana', 'gl', 'sa_{w32}_{x8}'],
      ['linear', 'li', 'n_api_{w40}'],
      ['notion', 'nt', 'n_###########{w35}'],
      ['figma', 'fi', 'gd_{w40}'],
      ['databricks', 'da', 'pi{x32}'],
      ['docker', 'dc', 'kr_pat_{w27}'],
      ['postman', 'PM', 'AK-{x24}-{x34}'],
      ['supabase', 'sb', 'p_{x40}'],
      ['planetscale', 'ps', 'cale_pw_{w43}'],
      ['doppler', 'dp', '.pt.{w43}'],
      ['newrelic', 'NR', 'AK-{A27}'],
      ['airtable', 'pa', 't{w14}.{x64}'],
      ['asana', '1/', '################:{x32}'],
      ['clojars', 'CL', 'OJARS_{x60}'],
      ['dynatrace', 'dt', '0c01.{A24}.{A64}'],
      ['easypost', 'EZ', 'AK{w54}'],
      ['flyio', 'Fm', '1_{w80}'],
      ['jfrog', 'AK', 'C{w60}'],
      ['langsmith', 'ls', 'v2_pt_{x32}_{x10}'],
      ['langfuse', 'sk-', 'lf-{x8}-{x4}-{x4}-{x4}-{x12}'],
      ['pinecone', 'pc', 'sk_{w6}_{w63}'],
      ['tavily', 'tv', 'ly-{w32}'],
      ['resend', 're', '_{w8}_{w24}'],
      ['rubygems', 'rub', 'ygems_{x48}'],
      ['cloudinary', 'cloudinary', '://###############:{w27}@{a8}'],
      ['prefect', 'pn', 'u_{w36}'],
      ['contentful', 'CF', 'PAT-{w43}'],
      ['brevo', 'xke', 'ysib-{x64}-{w16}'],
      ['heroku', 'HRK', 'U-AA{w58}'],
      ['netlify', 'nf', 'p_{w36}'],
      ['render', 'rn', 'd_{w32}'],
      ['snyk', 'sny', 'k_uat.{x8}.{w60}'],
      ['azure-openai', '', '{x32}'],
      ['datadog', '', '{x32}'],
    ] as const
  ).map(([kind, one, rest]) => [kind, (values: RandomValues) => values.fill(one + rest)] as const),
  ['aws-secret', (values) => b64(values, 30)],
  [
    'azure-storage',
    (values) =>
      `DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=${b64(values, 64)};EndpointSuffix=core.windows.net`,
  ],
  [
    'azure-bus',
    (values) =>
      `Endpoint=sb://shop.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=${b64(values, 32)}`,
  ],
  [
    'azure-sas',
    (values) =>
      `https://shop.blob.core.windows.net/c/f.txt?sv=2022-11-02&sr=b&sig=${encodeURIComponent(b64(values, 32))}`,
  ],
  ['mssql', (values) => values.fill('Server=tcp:db,1433;Database=shop;User ID=app;Password={w8}!{w8};Encrypt=True')],
  ['postgres', (values) => values.fill('postgresql://app:{w14}@db-1.internal:5432/prod?sslmode=require')],
  ['mysql', (values) => values.fill('mysql+pymysql://root:{w5}%40{w6}@10.0.0.3/shop')],
  ['redis', (values) => values.fill('redis://:{w20}@cache.internal:6379/0')],
  ['amqp', (values) => values.fill('amqps://svc:{w16}@mq.internal/vhost')],
  ['mongo', (values) => values.fill('mongodb+srv://shop:{w12}@cluster0.{a5}.mongodb.net/?retryWrites=true')],
  ['jdbc', (values) => values.fill('jdbc:postgresql://db:5432/shop?user=app&password={w16}')],
  ['basic-header', (values) => `Authorization: Basic ${Buffer.from(values.fill('svc-{a6}:{w16}')).toString('base64')}`],
  [
    'jwt',
    (values) =>
      [
        JSON.stringify({ alg: 'RS256', kid: values.fill('{x8}') }),
        JSON.stringify({ sub: values.fill('#####'), exp: 1_790_000_000 }),
      ]
        .map((part) => Buffer.from(part).toString('base64url'))
        .concat(values.fill('{w86}'))
        .join('.'),
  ],
  ...['RSA PRIVATE KEY', 'PRIVATE KEY', 'EC PRIVATE KEY', 'OPENSSH PRIVATE KEY', 'ENCRYPTED PRIVATE KEY'].map(
    (name): readonly [string, (values: RandomValues) => string] => [
      'private-key',
      (values) => values.fill(`-----${'BEGIN'} ${name}-----\n{w64}\n{w64}\n{w64}\n{w20}==\n-----END ${name}-----`),
    ],
  ),
  [
    'private-key-in-json',
    (values) =>
      values.fill(`{"private_key": "-----${'BEGIN'} PRIVATE KEY-----\\n{w64}\\n{w64}\\n-----END PRIVATE KEY-----\\n"}`),
  ],
  ['private-key-cut', (values) => values.fill(`-----${'BEGIN'} RSA PRIVATE KEY-----\n{w64}\n{w64}`)],
  ['ethereum-key', (values) => values.fill('wallet private key 0x{x64}')],
]

/** `@` is where it stands. Those without a name before it are for what is told by its own form. */
const pasted: readonly string[] = [
  '@',
  'export API_TOKEN=@\n./run.sh',
  'I pasted it by mistake: @ - what now?',
  '{"auth":{"token":"@"},"retries":3}',
  "curl -H 'X-Api-Key: @' https://api.example.com/v1",
  'const client = new Client({ apiKey: `@` })',
  'secret: @\nregion: eu-1',
  'ERROR login failed with password=@ (401)',
]
const unnamed: readonly string[] = [...pasted.slice(1, 2), ...pasted.slice(3)]

/** Kinds whose form is that of much else: only a name before them tells. */
const needsName: ReadonlySet<string> = new Set(['aws-secret', 'azure-openai', 'datadog', 'deepseek', 'twilio', 'asana'])

/** Plain values under names of every fashion. */
const assigned: readonly string[] = [
  'DB_PASSWORD={w14}#!',
  'password: "{w6}-{w6}-{w4}"',
  "'client_secret' => '{w32}'",
  'spring.datasource.password={w18}',
  '"apiKey": "{x32}",',
  'MISTRAL_API_KEY={w32}',
  'AZURE_OPENAI_API_KEY="{x32}"',
  'DD_API_KEY: {x32}',
  '<add key="ClientSecret" value="{w34}" />',
  'AWS_SECRET_ACCESS_KEY={w40}',
  'aws_session_token = {w120}',
  'SECRET_KEY = "{w50}"',
  'jwt_secret: {w44}',
  'ENCRYPTION_KEY={x64}',
  'set_password("{w12}#{w5}")',
  '--password {w16}',
  '-p "{w9}$##{w5}" --token {w24}',
  'my wifi password is {w6}#{w8}',
  'The API key is {w36}',
  'Passwort: {w8}!{w6}#',
  'contraseña: {w16}',
  'mot de passe : {w8}-{w8}',
  'x-auth-token: {w40}',
  'Cookie: session={w48}; auth_token={w32}',
  'hmac_key={w43}=',
  'SENTRY_AUTH_TOKEN={x64}',
  'webhook_secret: "{w32}"',
  'COHERE_API_KEY={w40}',
  'access_token={w60}&token_type=bearer',
  '"refreshToken":"{w80}"',
]

/** A text for each secret, some of them in several places. */
export function secretRows(): readonly MarkedRow[] {
  const values = randomValues(37)
  const rows = made.flatMap(([kind, make]) => {
    const places = needsName.has(kind) ? unnamed : pasted
    return Array.from({ length: 4 }, (): readonly [string, string] => {
      const place = places[values.below(places.length)] ?? '@'
      return [kind, place.replace('@', () => make(values))]
    })
  })
  const plain = assigned.flatMap((form) =>
    Array.from({ length: 3 }, (): readonly [string, string] => ['assigned', values.fill(form.replace('#!', '7!'))]),
  )
  return [...rows, ...plain].map(([kind, text]): MarkedRow => ({
    set: 'secrets',
    label: 1,
    kind: `hard-${kind}`,
    text,
  }))
}
