/**
 * What attacks say and questions about them hardly do, each in a pattern of its own: the ways told by OWASP's LLM01, by the collections
 * of jailbreaks, and by Greshake et al. for text that a model comes across. Bounded, so that each takes linear time.
 */
export const signs: readonly RegExp[] = [
  // Take back what was said before.
  /\b(?:ignore|disregard|forget|override|bypass|skip|overwrite)\b[^.\n]{0,40}\b(?:previous|prior|above|earlier|preceding|all|any|your|these|those|system|original)\b[^.\n]{0,40}\b(?:instructions?|prompts?|rules?|directions?|guidelines?|commands?|context|messages?|polic(?:y|ies)|restrictions?|programming|training|conversation)\b/,
  /\b(?:new|updated|real|actual|following|only) (?:instructions?|task|objective|system prompt|rules?)\b[^.\n]{0,20}[:.]|\binstead,? (?:of|you|please|do|say|write|answer|output)\b/,
  // Somebody else, from now on.
  /\b(?:from now on|for the rest of|henceforth|starting now)\b[^.\n]{0,80}\b(?:you|act|answer|respond|speak)\b|\byou (?:are|will be|shall be|must be|re) (?:now|going to|about to|called|acting|playing)\b/,
  /\b(?:pretend|imagine|simulate|role-?play|act|acting|behave|immersing?) (?:that |to be |as |you |yourself |like |into )/,
  /\b(?:dan|dude|stan|aim|evil|jailbr[eo]ak\w{0,4}|do anything now|developer mode|dev mode|god mode|debug mode|sudo|root access|admin(?:istrator)? mode|maintenance mode)\b/,
  // Nothing is forbidden.
  /\b(?:no|without|free (?:of|from)|freed from|not bound by|beyond|any|lacks?|ignor\w{2,4}) (?:any |all |the |its |typical |usual )?(?:restrictions?|limit(?:s|ations?)|filters?|censorship|moral\w{0,5}|ethic\w{0,4}|rules|guidelines|boundaries|confines|warnings?|disclaimers?|content polic(?:y|ies))\b|\b(?:unfiltered|uncensored|unrestricted|amoral|unethical|unlimited)\b/,
  /\b(?:never|don'?t|do not|cannot|can'?t|must not|not allowed to) (?:ever )?(?:refuse|decline|apologi[sz]e|say (?:no|sorry|that you)|break (?:character|out)|mention|warn|deny|reject|reveal that)\b|\bstay in character\b|\bin character\b/,
  /\b(?:openai|chatgpt|gpt|claude|assistant|ai|language model)(?:'s)? (?:polic(?:y|ies)|guidelines|rules|restrictions|content|safety|limitations)\b/,
  // What is under the bonnet.
  /\b(?:reveal|show|print|repeat|output|display|tell|give|share|leak|what (?:is|are|was|were)|summari[sz]e|translate)\b[^.\n]{0,50}\b(?:system (?:prompt|message|instructions?)|initial (?:prompt|instructions?)|hidden|secret|your (?:instructions?|prompt|rules)|password|passphrase|confidential|above text|text above)\b/,
  // A voice that is not the user's.
  /<\/?(?:system|admin|instructions?|im_start|im_end|\|?system\|?)[^>\n]{0,40}>|\[(?:system|admin|inst|\/inst|developer)[^\]\n]{0,40}\]|\b(?:system|admin|developer|assistant) ?(?:override|message|note|update|mode|prompt|instruction)s? ?:|^#{2,4} ?(?:system|instruction)/m,
  // Two voices, one of them free.
  /\b(?:two|both) (?:responses?|answers?|ways|paragraphs|outputs?)\b|\[(?:classic|jailbreak|gpt|dan|normal)\]|\b(?:tokens?|points?) (?:each|every|system|will be|are deducted)\b|\bhypothetical(?:ly)?\b|\bfictional (?:world|story|character|scenario)\b/,
  // Out of the door.
  /\b(?:send|forward|post|upload|email|exfiltrate|transmit|fetch|include|append|add)\b[^.\n]{0,60}(?:https?:\/\/|\b(?:password|credentials?|api key|cookies?|clipboard|conversation|history|data)\b)/,
  /!\[[^\]\n]{0,80}\]\(https?:\/\/[^)\n]{0,200}\{|\bbelow code snippet\b|\bfollowing code snippet\b/,
]
