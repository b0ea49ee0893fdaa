/**
 * What a `content-type` says that something is, in small letters and without its parameters, which may stand in quotes (RFC 9110, 5.6.6
 * and 8.3.1). `undefined`: it is not written as that standard has it, and must not be passed on.
 */
export function mediaTypeOf(contentType: string): string | undefined {
  return written.exec(contentType)?.[1]?.toLowerCase()
}

const written =
  /^([\w!#$%&'*+.^`|~-]{1,127}\/[\w!#$%&'*+.^`|~-]{1,127})(?:[\t ]*;[\t ]*[\w!#$%&'*+.^`|~-]{1,127}=(?:[\w!#$%&'*+.^`|~-]{1,127}|"(?:[\t !#-[\]-~]|\\[\t -~]){0,127}")){0,8}$/
