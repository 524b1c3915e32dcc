import { crypto } from './crypto.ts'

/** What a run id may be: 1 to 200 printable characters without spaces. */
const RUN_ID = /^[\x21-\x7e]{1,200}$/

/** What the model's API takes as the name of a tool, an agent or a schema. */
const NAME = /^[a-zA-Z0-9_-]{1,64}$/

/** Makes a fresh run id. */
export function newRunId(): string {
  return crypto().randomUUID()
}

/** Tells whether a text may be a run's id. */
export function isRunId(text: string): boolean {
  return RUN_ID.test(text)
}

/** The lineage of all that comes of a session. No run has such an id. */
export function sessionLineage(sessionId: string): string {
  return `${SESSION}${sessionId}`
}

/** Tells whether a text is the lineage of a session. */
export function isSessionLineage(text: string): boolean {
  return text.startsWith(SESSION) && isRunId(text.slice(SESSION.length))
}

const SESSION = 'session '

/** Tells whether a text may be the name of a definition: letters, digits, `_` and `-`, 64 at most. */
export function isName(text: string): boolean {
  return NAME.test(text)
}

/** Tells whether a value is text that every store keeps as it is: without U+0000, and without half a character. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed() && !value.includes('\u0000')
}
