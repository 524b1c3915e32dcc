/**
 * Keeps a text from a file or a server within the marks that it is shown in: what reads like one of them, opening or
 * closing, begins with `&lt;` instead of `<`.
 *
 * @param name of the marks: `file` for `<file …>` and `</file>`.
 */
export function marksKept(name: string, text: string): string {
  return text.replaceAll(new RegExp(String.raw`<(?=\s*/?\s*${name}\b)`, 'gi'), '&lt;')
}
