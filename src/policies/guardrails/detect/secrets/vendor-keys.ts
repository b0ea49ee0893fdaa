import type { Detector, Finding } from '../detector.ts'
import { longTokens, tokenStart } from './long-tokens.ts'

/*
 * Keys that their makers gave a prefix so that they can be found. One row each; the lengths are those of keys seen or published
 * (GitHub's secret scanning list and the makers' own pages, November 2026). A body is random: no letter of it is left to chance.
 */
const rows: Readonly<Record<string, string>> = {
  'anthropic-key': String.raw`sk-ant-[a-z]{3,6}\d{2}-[\w-]{20,200}`,
  'openai-key': String.raw`sk-(?:proj|svcacct|admin)-[\w-]{20,200}|sk-[A-Za-z\d]{16,24}T3BlbkFJ[A-Za-z\d]{16,24}|sk-[A-Za-z\d]{40,64}`,
  'openrouter-key': String.raw`sk-or-v\d-[a-f\d]{64}`,
  'weir-key': String.raw`weir_[A-Za-z\d]{20,80}`,
  'aws-access-key': String.raw`(?:AKIA|ASIA|ABIA|ACCA|AIDA|AROA)[A-Z2-7\d]{16}`,
  'google-api-key': String.raw`AIza[\w-]{35}`,
  'google-oauth-token': String.raw`ya29\.[\w-]{20,400}|GOCSPX-[\w-]{28}`,
  'github-token': String.raw`gh[oprsu]_[A-Za-z\d]{36,251}|ghs_\d{1,12}_eyJ[\w.-]{40,400}|github_pat_[\w]{22,255}`,
  'gitlab-token': String.raw`gl(?:pat|ptt|soat|rt|cbt|dt|imt|agent|oas)-[\w-]{20,64}`,
  'slack-token': String.raw`xox[abeoprs](?:\.xox[bp])?-[\w-]{20,250}|xapp-\d-[\w-]{20,200}`,
  'slack-webhook': String.raw`https://hooks\.slack\.com/(?:services|workflows|triggers)/[\w/]{20,120}`,
  'stripe-key': String.raw`(?:sk|rk)_(?:live|test)_[A-Za-z\d]{16,247}|whsec_[A-Za-z\d]{24,64}`,
  'npm-token': String.raw`npm_[A-Za-z\d]{36}`,
  'pypi-token': String.raw`pypi-AgE[\w-]{50,300}`,
  'huggingface-token': String.raw`hf_[A-Za-z]{34}|api_org_[A-Za-z]{34}`,
  'groq-key': String.raw`gsk_[A-Za-z\d]{52}`,
  'xai-key': String.raw`xai-[A-Za-z\d]{70,90}`,
  'perplexity-key': String.raw`pplx-[A-Za-z\d]{40,60}`,
  'replicate-token': String.raw`r8_[A-Za-z\d]{37}`,
  'fireworks-key': String.raw`fw_[A-Za-z\d]{22,30}`,
  'voyage-key': String.raw`pa-[\w-]{40,50}`,
  'cerebras-key': String.raw`csk-[a-z\d]{40,60}`,
  'nvidia-key': String.raw`nvapi-[\w-]{60,80}`,
  'sendgrid-key': String.raw`SG\.[\w-]{16,32}\.[\w-]{16,64}`,
  'twilio-key': String.raw`SK[a-f\d]{32}`,
  'mailgun-key': String.raw`key-[a-f\d]{32}`,
  'mailchimp-key': String.raw`[a-f\d]{32}-us\d{1,2}`,
  'telegram-token': String.raw`\d{8,10}:AA[\w-]{33}`,
  'discord-token': String.raw`[MNO][A-Za-z\d]{23,25}\.[\w-]{6}\.[\w-]{27,38}`,
  'discord-webhook': String.raw`https://(?:ptb\.|canary\.)?discord(?:app)?\.com/api/webhooks/\d{17,20}/[\w-]{60,80}`,
  'digitalocean-token': String.raw`do[opr]_v1_[a-f\d]{64}`,
  'shopify-token': String.raw`shp(?:at|ca|pa|ss)_[a-fA-F\d]{32}`,
  'vault-token': String.raw`hv[sbr]\.[\w-]{24,300}`,
  'tailscale-key': String.raw`tskey-[a-z]{2,16}-[A-Za-z\d]{6,24}(?:-[A-Za-z\d]{10,48})?`,
  'grafana-token': String.raw`gl(?:sa|c)_[A-Za-z\d+/=_]{32,200}`,
  'linear-key': String.raw`lin_(?:api|oauth)_[A-Za-z\d]{32,64}`,
  'notion-token': String.raw`ntn_\d{11}[A-Za-z\d]{35}`,
  'figma-token': String.raw`fig[dou]r?_[\w-]{40,60}`,
  'vercel-token': String.raw`vc[pikar]_[A-Za-z\d]{24,64}`,
  'databricks-token': String.raw`dapi[a-f\d]{32}(?:-\d)?`,
  'docker-token': String.raw`dckr_(?:pat|oat)_[\w-]{27,40}`,
  'cloudflare-token': String.raw`cf(?:ut|at|k)_[A-Za-z\d]{40}[a-f\d]{8}`,
  'postman-key': String.raw`PMAK-[a-f\d]{24}-[a-f\d]{34}`,
  'atlassian-token': String.raw`ATATT3[\w=-]{60,250}`,
  'terraform-token': String.raw`[A-Za-z\d]{14}\.atlasv1\.[\w=-]{60,70}`,
  'square-token': String.raw`EAAA[\w-]{56,64}|sq0(?:atp|csp)-[\w-]{22,48}`,
  'sentry-token': String.raw`sntry[su]_[\w=+/.-]{40,250}`,
  'pulumi-token': String.raw`pul-[a-f\d]{40}`,
  'onepassword-token': String.raw`ops_eyJ[\w-]{100,1000}`,
  'airtable-token': String.raw`pat[A-Za-z\d]{14}\.[a-f\d]{64}`,
  'brevo-key': String.raw`xkeysib-[a-f\d]{64}-[A-Za-z\d]{16}`,
  'clojars-token': String.raw`CLOJARS_[a-f\d]{60}`,
  'contentful-token': String.raw`CFPAT-[\w-]{43}`,
  'doppler-token': String.raw`dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z\d_-]{2,35}\.)?[A-Za-z\d]{40,44}`,
  'dynatrace-token': String.raw`dt0[a-z]\d{2}\.[A-Z\d]{24}\.[A-Z\d]{64}`,
  'easypost-key': String.raw`EZ[AT]K[A-Za-z\d]{54}`,
  'flyio-token': String.raw`(?:fo1|fm[12][ar]?)_[\w+/=-]{40,900}`,
  'heroku-key': String.raw`HRKU-AA[\w-]{58}`,
  'jfrog-key': String.raw`AKC[A-Za-z\d]{60,70}`,
  'langfuse-key': String.raw`sk-lf-[a-f\d]{8}(?:-[a-f\d]{4}){3}-[a-f\d]{12}`,
  'langsmith-key': String.raw`lsv2_(?:pt|sk)_[a-f\d]{32}_[a-f\d]{10}`,
  'netlify-token': String.raw`nf[pcou]_[A-Za-z\d]{36,40}`,
  'new-relic-key': String.raw`NRAK-[A-Z\d]{27}|NRJS-[a-f\d]{19}|NRII-[\w-]{32}`,
  'pinecone-key': String.raw`pcsk_[A-Za-z\d]{5,8}_[A-Za-z\d]{50,70}`,
  'planetscale-token': String.raw`pscale_(?:pw|tkn|oauth)_[\w=.-]{32,64}`,
  'prefect-key': String.raw`pn[ub]_[A-Za-z\d]{36}`,
  'render-key': String.raw`rnd_[A-Za-z\d]{28,40}`,
  'resend-key': String.raw`re_[A-Za-z\d]{6,10}_[A-Za-z\d]{20,30}`,
  'rubygems-key': String.raw`rubygems_[a-f\d]{48}`,
  'snyk-token': String.raw`snyk_[a-z]{2,8}\.[a-f\d]{8}\.[\w-]{40,90}`,
  'supabase-token': String.raw`sb(?:p|_secret)_[\w-]{30,60}`,
  'tavily-key': String.raw`tvly-(?:dev-|prod-)?[A-Za-z\d]{30,40}`,
  'age-key': String.raw`AGE-SECRET-KEY-1[A-Z\d]{58}`,
}

const any = new RegExp(`(?<![A-Za-z\\d])(?:${Object.values(rows).join('|')})(?![A-Za-z\\d])`, 'y')
/** Keys and tokens of providers and clouds, by the prefix that their makers gave them. */
export const vendorKey: Detector = {
  kind: 'api-key',
  find(text) {
    const findings: Finding[] = []
    for (const [from, to] of longTokens(text))
      for (const { index, 0: found } of keysIn(text.slice(from, to)))
        // What AWS prints on its own pages is nobody's, nor is a row of one sign.
        if (!/^AKIA.*EXAMPLE$|x{16}|your[-_]/i.test(found))
          findings.push({ kind: 'api-key', start: from + index, end: from + index + found.length })
    return findings
  },
  liveFrom: tokenStart,
}

/** Every match in a token, in order. A key begins where a row of letters and digits does: nowhere else is it tried. */
function keysIn(token: string): readonly RegExpExecArray[] {
  const keys: RegExpExecArray[] = []
  let isWithin = false
  for (let at = 0; at < token.length; at += 1) {
    const isStart = !isWithin
    isWithin = isAlphanumeric(token.charCodeAt(at))
    if (!isStart || !isWithin) continue
    any.lastIndex = at
    const key = any.exec(token)
    if (!key) continue
    keys.push(key)
    // Nothing that ends a key is followed by a letter or digit.
    at += key[0].length - 1
    isWithin = isAlphanumeric(token.charCodeAt(at))
  }
  return keys
}

function isAlphanumeric(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || (code >= 65 && code <= 90)
}

/** What a page says in place of a key. */
export function isPlaceholder(text: string): boolean {
  return /example|your[-_]?|placeholder|dummy|redacted|changeme|xxxxxx|\.\.\.|\*{4}|(.)\1{11}|1234567890123|abcdefghijkl/i.test(
    text,
  )
}
