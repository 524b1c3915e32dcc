/** What stands in the place of a credential. */
const COVER = '***'

/** Users and passwords in addresses; keys in their queries and in connection strings; what follows a scheme of a header. */
const NAMED: readonly RegExp[] = [
  /\b([a-z][a-z\d+.-]*:\/\/)[^\s/@]+(?=@)/gi,
  /\b((?:api[-_]?key|access[-_]?key|(?:access|auth|refresh)[-_]?token|token|secret|passw(?:or)?d|pwd|signature|sig)=)[^&\s#"';,]+/gi,
  /\b((?:bearer|basic)\s+)[\w.~+/=-]{8,}/gi,
]

/** Keys that tell by their beginning what they are. */
const KEYS =
  /\b(?:(?:sk|pk|rk)[-_][\w-]{16,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeprs]-[\w-]{10,}|AKIA[A-Z\d]{16}|AIza[\w-]{30,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)/g

/**
 * Covers what reads as a credential in a text that was written for a developer and goes to a model: an error's message often
 * holds the address or the header that it failed with.
 */
export function maskCredentials(text: string): string {
  return NAMED.reduce((masked, pattern) => masked.replaceAll(pattern, `$1${COVER}`), text).replaceAll(KEYS, COVER)
}
