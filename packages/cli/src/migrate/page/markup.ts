/** Text that is HTML already: everything else is escaped when it becomes part of it. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** What may stand in a template of HTML: whatever is no `Html` is somebody's words. */
export type Part = Html | string | number | null | undefined | false | readonly Part[]

/** Makes HTML of a template, in which all that is filled in is escaped. Attributes must stand in double quotes. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(String.raw({ raw: strings }, ...parts.map(written)))
}

function written(part: Part): string {
  if (part instanceof Html) return part.text
  if (typeof part === 'string') return escaped(part)
  if (typeof part === 'number') return String(part)
  if (!part) return ''
  return part.map(written).join('')
}

const NAMES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/**
 * What a reader would not see, or would see in another order: control characters but tab and line feed, marks of direction and
 * others that only format, tags among them, separators of lines, and letters that are blank.
 */
const UNSEEN = /(?![\t\n])\p{Cc}|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115F\u1160\u3164\uFFA0]/gu

/** A text that others wrote, as HTML shows it: nothing of it is markup, and what could not be seen is shown as its number. */
function escaped(text: string): string {
  return text
    .replaceAll(UNSEEN, (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`)
    .replaceAll(/[&<>"']/g, (sign) => NAMES[sign] ?? '')
}
