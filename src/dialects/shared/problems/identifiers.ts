/**
 * Takes out of a provider's sentence what tells who we are there: OpenAI and Groq put the organisation's id into rate
 * limit messages, others echo a part of the key (shared errors corpus, 2026; failures.md L1). Tenants are not to read them.
 */
export function maskIdentifiers(text: string): string {
  return text.replace(identifier, '[masked]')
}

// Prefixes of ids and keys as the providers make them: org-, org_, proj_, user_, sk-, pk-, gsk_, xai-, AIza, hf_, AKIA; and our own, weir_.
const identifier =
  /\b(?:(?:org|proj|user|acct)[-_][A-Za-z0-9]{6,}|(?:sk|pk|rk|gsk|xai|hf|r8|nvapi|csk|pplx|weir)[-_][A-Za-z0-9_*-]{6,}|AIza[A-Za-z0-9_-]{20,}|AKIA[A-Z0-9]{12,}|Bearer\s+[A-Za-z0-9._~+/=-]{8,})/g
