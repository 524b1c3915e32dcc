/** Puts what a server said on one line of 300 characters at most, ending as a sentence does. */
export function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  const short = line.length > 300 ? `${line.slice(0, 299)}\u2026` : line
  return /[.!?\u2026]$/.test(short) ? short : `${short}.`
}
