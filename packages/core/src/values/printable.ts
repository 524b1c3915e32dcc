/**
 * What a terminal would take for orders, and what would turn or break a line: control characters but the tab and the
 * line feed, marks of direction, and the separators of lines and paragraphs that are no line feed.
 */
const ORDERS = /(?![\t\n])\p{Cc}|[\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu

/**
 * A text that others wrote, harmless to a terminal: each character that it would obey is shown as U+FFFD. Tabs and line
 * feeds stay.
 *
 * @example
 * ```ts
 * import { printable } from '@reprise/core'
 *
 * console.log(printable('It rains.\u001B[2J')) // It rains.�[2J
 * ```
 */
export function printable(text: string): string {
  return text.replaceAll(ORDERS, `\uFFFD`)
}
