import { DefinitionError, RepriseError } from '@reprise/core'
import { sqlStateOf, toStoreError } from './errors.ts'
import type { Answer, Session } from './session.ts'

/** What a transactional tool works with: statements in the transaction that its effect and its journal entry share. */
export interface PostgresTransaction {
  /**
   * Asks one statement. `$1` stands for the first value; values and columns are as `pg` takes and gives them.
   *
   * A statement that fails undoes the whole transaction, as Postgres has it: let what it throws pass, or go back to a savepoint
   * of yours (`savepoint mine`, `rollback to savepoint mine`) and go on.
   *
   * @throws what `pg` throws, with Postgres's `code`; DefinitionError for a statement that begins, ends or sets up transactions
   * (`tx_control`), and once the tool's `execute` has ended (`tx_over`).
   */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<Pick<Answer<Row>, 'rows' | 'rowCount'>>
}

/** What Postgres passes over before a statement, but for longer comments: blanks, empty statements, comments of one line. */
const BEFORE = /^(?:[\s;]+|--[^\n\r]*)+/

/** What a statement begins with that begins or ends a transaction, or leaves something behind on the connection. */
const REFUSED =
  /^(?:begin|start|commit|end|rollback(?!\s+(?:(?:work|transaction)\s+)?to\b)|abort|prepare|deallocate|set|reset|discard|listen|unlisten|load)\b/i

/** How often a sign of life is given while an effect runs: by it the server tells a process that has stopped. */
const ALIVE_MS = 3_000

/**
 * Lends a transaction to a transactional tool, for as long as its `execute` runs: what would end the transaction that the
 * tool's effect and its entry share is refused, and so is all that comes once the tool has ended.
 */
export class Handle implements PostgresTransaction {
  readonly #session: Session
  readonly #name: string
  readonly #alive: NodeJS.Timeout
  #over = false
  #failure: Error | undefined

  constructor(session: Session, name: string) {
    this.#session = session
    this.#name = name
    this.#alive = setInterval(() => void session.one('select 1', []).catch(() => undefined), ALIVE_MS).unref()
  }

  /** What failed in the store while the tool ran, whatever the tool made of it. */
  get failure(): Error | undefined {
    return this.#failure
  }

  async query<Row extends object>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Pick<Answer<Row>, 'rows' | 'rowCount'>> {
    if (this.#over) throw tooLate()
    refuseControl(text)
    try {
      const { rows, rowCount } = await this.#session.one<Row>(text, values)
      return { rows, rowCount }
    } catch (thrown) {
      this.#notice(thrown)
      throw thrown
    }
  }

  /** Ends the loan, once all that the tool has asked is answered: whatever it keeps of it throws from now on. */
  async end(): Promise<void> {
    this.#over = true
    clearInterval(this.#alive)
    await this.#session.settle()
  }

  /** A statement that is wrong is the tool's own matter; a deadlock, or a server that is gone, is not. */
  #notice(thrown: unknown): void {
    const error = toStoreError(thrown, this.#name)
    const isOwn = sqlStateOf(thrown)?.startsWith(CONSTRAINT) || !RepriseError.is(error) || !FAILURES.has(error.code)
    if (!isOwn) this.#failure ??= error
  }
}

/** The class of what a constraint refuses. */
const CONSTRAINT = '23'

/** What says that the store failed, and not whoever used it. */
const FAILURES: ReadonlySet<string> = new Set([
  'store_busy',
  'store_corrupt',
  'store_full',
  'store_io',
  'store_unreachable',
])

function refuseControl(text: string): void {
  const found = REFUSED.exec(statementIn(text))
  if (!found) return
  throw new DefinitionError({
    code: 'tx_control',
    message: `A transactional tool asked "${found[0]}" on the store's transaction, which commits its effect and its journal entry together. Leave the transaction, and how the connection is set up, to the store; for a part that may fail by itself, use a savepoint.`,
  })
}

/** A text from where its first statement begins. */
function statementIn(text: string): string {
  let rest = text.replace(BEFORE, '')
  while (rest.startsWith('/*')) rest = rest.slice(commentEnd(rest)).replace(BEFORE, '')
  return rest
}

/** Where the comment ends that a text begins with: others may stand in it. */
function commentEnd(text: string): number {
  let depth = 0
  for (const { 0: sign, index } of text.matchAll(/\/\*|\*\//g)) {
    depth += sign === '/*' ? 1 : -1
    if (depth === 0) return index + sign.length
  }
  return text.length
}

function tooLate(): DefinitionError {
  return new DefinitionError({
    code: 'tx_over',
    message: `A transactional tool used its transaction after its execute had ended: nothing was written by that. Do all of it before execute returns.`,
  })
}

/** Makes the error about a tool whose transaction is gone. */
export function lost(): DefinitionError {
  return new DefinitionError({
    code: 'tx_lost',
    message: `A statement of a transactional tool failed, and the tool went on: Postgres undoes all of a transaction in which one has failed, so nothing of it was written. Let what a statement throws pass, or go back to a savepoint.`,
  })
}

/** Makes the error about a tool whose effect was refused when it was to be committed. */
export function unkept(): DefinitionError {
  return new DefinitionError({
    code: 'tx_lost',
    message: `A transactional tool left rows that a deferred constraint refuses, so all that it wrote was rolled back. Write what the constraint asks for, or leave it undeferred, and the statement itself throws.`,
  })
}
