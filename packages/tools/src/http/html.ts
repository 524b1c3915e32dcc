import type { Parser } from 'htmlparser2'
import { HtmlWriter } from './html-writer.ts'

/** What is not seen on a page. */
const UNSEEN = new Set(['script', 'style', 'noscript', 'template', 'svg', 'iframe', 'object'])
const PARAGRAPHS = new Set([
  'p',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'table',
  'ul',
  'ol',
  'dl',
  'blockquote',
  'pre',
  'title',
])
const LINES = new Set(
  'address article aside body br dd details div dt fieldset figcaption figure footer form header hr li main nav option section summary tr'.split(
    ' ',
  ),
)

/** Real pages are far flatter, and the parser's time grows with the square of the depth. */
const MAX_DEPTH = 500
const CHUNK = 1 << 14
const MAX_HREF = 500
/** Each link is put together with what it is relative to: a long one would be written again for each. */
const MAX_BASE = 2_000

/**
 * Turns HTML into the text that a person sees: headings with `#`, lists with `-`, cells with `|`, links with their
 * absolute URL in brackets. Time and memory grow with the length of the HTML alone.
 *
 * @param base what links are relative to.
 */
export async function htmlToText(html: string, base: URL): Promise<string> {
  const { Parser } = await import('htmlparser2')
  const page = new Page(base)
  const parser = new Parser(page)
  for (let at = 0; at < html.length && !page.tooDeep; at += CHUNK) parser.write(html.slice(at, at + CHUNK))
  if (!page.tooDeep) parser.end()
  return page.text
}

type Handler = NonNullable<ConstructorParameters<typeof Parser>[0]>

class Page implements Handler {
  /** Undefined where it is too long: what is relative to it would be, too. */
  readonly #base: string | undefined
  readonly #writer = new HtmlWriter()
  #depth = 0
  #unseen = 0
  #pre = 0
  #cells = 0
  #href: string | undefined

  constructor(base: URL) {
    const bare = `${base.origin}${base.pathname}`
    this.#base = [base.href, bare].find(({ length }) => length <= MAX_BASE)
  }

  get text(): string {
    return this.tooDeep
      ? `${this.#writer.text}\n(The rest of the page is nested too deeply to be read.)`
      : this.#writer.text
  }

  get tooDeep(): boolean {
    return this.#depth > MAX_DEPTH
  }

  onopentag(name: string, { href }: Record<string, string>): void {
    this.#depth += 1
    if (UNSEEN.has(name)) this.#unseen += 1
    if (name === 'pre') this.#pre += 1
    this.#break(name)
    if (name === 'li') this.#writer.break(1, '- ')
    if (/^h[1-6]$/.test(name)) this.#writer.break(2, `${'#'.repeat(Number(name[1]))} `)
    if (name === 'tr') this.#cells = 0
    if ((name === 'td' || name === 'th') && this.#cells++ > 0) this.#write(' | ')
    if (name === 'a') this.#href = href
  }

  ontext(text: string): void {
    if (this.#unseen === 0) this.#writer.write(text, this.#pre > 0)
  }

  onclosetag(name: string): void {
    this.#depth -= 1
    if (UNSEEN.has(name)) this.#unseen -= 1
    if (name === 'pre') this.#pre -= 1
    if (name === 'a') this.#endLink()
    this.#break(name)
  }

  #break(name: string): void {
    if (PARAGRAPHS.has(name)) this.#writer.break(2)
    else if (LINES.has(name)) this.#writer.break(1)
  }

  #write(text: string): void {
    if (this.#unseen === 0) this.#writer.write(text)
  }

  #endLink(): void {
    const url = this.#href === undefined || this.#href.startsWith('#') ? null : URL.parse(this.#href, this.#base)
    this.#href = undefined
    if (url && /^(?:https?|mailto):$/.test(url.protocol) && url.href.length <= MAX_HREF) this.#write(` (${url.href})`)
  }
}
