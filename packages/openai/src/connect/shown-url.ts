/** An address as it may be shown and kept: without a password, and without what a query holds. */
export function shownUrl(url: string): string {
  return url.replace(/^.*@/s, `\u2026@`).replace(/\?.*$/s, `?\u2026`)
}
