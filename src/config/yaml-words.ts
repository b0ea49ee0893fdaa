import type { ErrorCode } from 'yaml'

/**
 * Our own sentence for each of the parser's codes. The parser's own messages may quote the text at fault, and that text
 * may be a secret.
 */
export const yamlWords: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias (`*name`) cannot carry a tag or an anchor of its own; remove it',
  BAD_ALIAS: 'the name of this anchor or alias is empty or unclear; write a plain name after `&` or `*`',
  BAD_COLLECTION_TYPE: 'the tag does not fit the value behind it; remove the tag',
  BAD_DIRECTIVE: 'this `%` directive is not understood; remove the line',
  BAD_DQ_ESCAPE: 'not a valid escape in double quotes; double the backslash or use single quotes',
  BAD_INDENT: 'the indentation does not fit the lines above; align it with its neighbours',
  BAD_PROP_ORDER: 'tags and anchors stand behind the `-`, `?` or `:`, not before it',
  BAD_SCALAR_START: 'a plain value cannot begin with this character; put the value in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a second `: ` on one line; put the value in quotes, or the inner key on a line of its own',
  BLOCK_IN_FLOW: 'a block cannot stand inside { } or [ ]; write the inside in one line style',
  DUPLICATE_KEY: 'the key is given twice; keep one of them',
  IMPOSSIBLE: 'this cannot be read as YAML; look at the lines above',
  KEY_OVER_1024_CHARS: 'the key is longer than 1,024 characters; shorten it',
  MISSING_CHAR: 'something is missing here: a colon, a comma, a space after a colon or a dash, or a closing quote',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line with its colon; look for a missing colon',
  MULTIPLE_ANCHORS: 'a value can have one anchor only; remove the others',
  MULTIPLE_DOCS: 'a second document begins here; the config is one document, so remove the `---` and what follows',
  MULTIPLE_TAGS: 'a value can have one tag only; remove the others',
  NON_STRING_KEY: 'a key must be text; put it in quotes',
  RESOURCE_EXHAUSTION: 'the values are nested too deeply to be read',
  TAB_AS_INDENT: 'a tab is used to indent; use spaces',
  TAG_RESOLVE_FAILED: 'tags (`!name`) have no meaning here; remove the tag, and quote the value if it is text',
  UNEXPECTED_TOKEN: 'this was not expected here; look for a stray character, or a missing comma or quote before it',
}
