// The code of a workflow while it runs: what it is given, and how it ends.
import type { Draft, Entry, WorkflowStart } from '../contracts/entry.ts'
import type { AnyWorkflow } from '../define/any-workflow.ts'
import { givenDigest } from '../journal/fingerprint.ts'
import { RUN_KEY } from '../journal/keys.ts'
import { type Digest, digest } from '../values/digest.ts'
import { CancelledError, DefinitionError, isOf, messageOf, RepriseError, TimedOutError } from '../values/errors.ts'
import { findUnjson, type Json, type Unjson } from '../values/json.ts'
import { makeContext } from './context.ts'
import { Continue } from './continue.ts'
import { Execution, type Listener } from './execution.ts'
import { Scope } from './scope.ts'
import { said } from './unsaid.ts'

/** How the code ended. */
export type Finished =
  /**
   * `worded` where the error's message is of this framework's own words; `thrown` is what the code threw, or what its end
   * is refused for.
   */
  | {
      readonly kind: 'ended'
      readonly draft: Extract<Draft, { kind: 'run.completed' | 'run.failed' }>
      readonly worded: boolean
      readonly thrown?: unknown
    }
  /** `asked` is the fingerprint of the input. */
  | { readonly kind: 'continued'; readonly input: unknown; readonly inputDigest: Digest; readonly after: string }

/** A run id that the id of a child would not fit into. */
const LONGEST_ID = 200

/** Runs a workflow's code once. */
export class Code {
  readonly execution: Execution
  readonly #runId: string
  readonly #workflow: AnyWorkflow
  readonly #input: Json
  readonly #abort = new AbortController()
  readonly #scope: Scope
  #finished: Finished | undefined

  constructor(runId: string, workflow: AnyWorkflow, { input }: WorkflowStart, listener: Listener) {
    this.execution = new Execution(runId, workflow, listener)
    this.#scope = new Scope('', this.execution)
    this.#runId = runId
    this.#workflow = workflow
    this.#input = input
  }

  /** How it ended; undefined while it runs. */
  get finished(): Finished | undefined {
    return this.#finished
  }

  /** Runs the code to its end, which comes when all that it asks for is told to it. */
  async begin(sealed = false): Promise<void> {
    this.execution.begin(sealed)
    const shared = {
      runId: this.#runId,
      execution: this.execution,
      childId: (key: string) => childId(this.#runId, key),
    }
    const ctx = makeContext(shared, this.#scope, this.#abort.signal)
    try {
      this.#finish(await this.execution.run(async () => this.#workflow.run(ctx as never, structuredClone(this.#input))))
    } catch (error) {
      if (isOf(error, Continue)) this.#continue(error)
      else this.#fail(error)
    }
    this.execution.end()
  }

  /** Lets the code hear that its run is cancelled: whatever it waits for is rejected. */
  cancel(reason: Error): void {
    this.#abort.abort(reason)
    this.execution.cancelUnder('', reason)
  }

  /** Lets go of code that nobody drives any more: it waits for ever. */
  abandon(): void {
    this.execution.abandon()
  }

  /** Where the code went another way than is recorded. */
  strayed(entry: Entry): {
    readonly seq: number
    readonly key: string
    readonly recorded: string
    readonly today: string
  } {
    const unrecorded = this.execution.pending().map(({ op }) => op.key)
    const open = unrecorded.length > 0 ? unrecorded : this.execution.open
    const today = this.#finished
      ? 'have ended'
      : open.length > 0
        ? `wait for ${open.join(', ')}`
        : 'wait for something that is not of ctx'
    return { seq: entry.seq, key: entry.key, recorded: sayEntry(entry), today }
  }

  #continue({ input }: Continue): void {
    const { misuse } = this.execution
    if (misuse) this.#fail(misuse)
    else this.#finished = { kind: 'continued', input, inputDigest: this.#digest(input), after: this.#after }
  }

  #digest(input: unknown): Digest {
    try {
      return givenDigest(this.#workflow.name, input)
    } catch {
      // What JSON cannot say is refused where the next run begins.
      return ''
    }
  }

  #finish(value: unknown): void {
    const { open, misuse } = this.execution
    const output = value === undefined ? null : value
    const lost = findUnjson(output)
    if (misuse) {
      this.#fail(misuse)
    } else if (open.length > 0) {
      this.#fail(notAwaited(open, this.execution.hasLosers))
    } else if (lost) {
      this.#fail(notJson(lost))
    } else {
      const body = { output: output as Json, ...this.#said }
      const draft = { kind: 'run.completed', key: RUN_KEY, attempt: 1, body } as const
      this.#finished = { kind: 'ended', draft, worded: false }
    }
  }

  #fail(error: unknown): void {
    const code = RepriseError.is(error) ? error.code : 'workflow_threw'
    const message = messageOf(error) || `An error without a message (${code})`
    const body = { outcome: 'failed', error: { code, message }, ...this.#said } as const
    const draft = { kind: 'run.failed', key: RUN_KEY, attempt: 1, body } as const
    this.#finished = { kind: 'ended', draft, worded: isWorded(error), thrown: error }
  }

  get #said(): { readonly after?: string } {
    return said(this.#after)
  }

  get #after(): string {
    return this.execution.said(this.#scope.unsaid.text)
  }
}

/** Errors of steps and tools have a message that somebody else has written. */
function isWorded(error: unknown): boolean {
  return isOf(error, DefinitionError) || isOf(error, TimedOutError) || isOf(error, CancelledError)
}

function notAwaited(open: readonly string[], hasLosers: boolean): DefinitionError {
  const said = `The workflow ended while it had not awaited: ${open.join(', ')}. Await what ctx gives.`
  const race =
    'Where the first of several is enough, use ctx.race([...]) in the place of Promise.race: it ends the others.'
  return new DefinitionError({ code: 'not_awaited', message: hasLosers ? `${said} ${race}` : said })
}

function notJson({ path, found }: Unjson): DefinitionError {
  const message = `The output cannot be kept in a journal: ${path || 'it'} is ${found}. Return plain JSON.`
  return new DefinitionError({ code: 'output_not_json', message })
}

function sayEntry({ kind, key, body }: Entry): string {
  return kind === 'run.waiting' ? `${kind} for ${body.waiting.key}` : `${kind} at ${key}`
}

/** The id of a child: its parent's and its key, as far as that fits. */
function childId(runId: string, key: string): string {
  const readable = `${runId}/${key}`
  const short: Digest = digest(readable)
  return readable.length <= LONGEST_ID && /^[\x21-\x7e]+$/.test(readable) ? readable : `${runId.slice(0, 120)}/${short}`
}
