// What a user says while a run of the session is under way, and the entry that it makes. runtime/start/starter.ts leaves the
// message with the turn that it begins, and session.ts reads it: a turn that was heard so ends with the run that heard it, and one
// that was not is worked when its turn comes. Pure.
import { SAID } from '../../agent/state/fold.ts'
import type { AgentState } from '../../agent/state/state.ts'
import type { Draft } from '../../contracts/entry.ts'
import type { InboxMessage } from '../../contracts/message.ts'
import type { RunRow } from '../../contracts/run.ts'
import { RUN_KEY } from '../../journal/keys.ts'
import type { Json } from '../../values/json.ts'

/** The message to a run that is under way, of what a later turn begins with. */
export function saidTo(
  runId: string,
  { id, createdAt }: Pick<RunRow, 'id' | 'createdAt'>,
  started: Draft,
): InboxMessage {
  const { input = '', by }: { readonly input?: Json; readonly by?: string } =
    started.kind === 'run.started' ? started.body : {}
  const body = { run: id, input, ...(by !== undefined && { by }) }
  return { runId, dedupe: `said:${id}`, kind: 'said', body, at: createdAt }
}

/** The entry that it makes where it is heard. */
export function saidDraft({ body }: InboxMessage): Draft {
  // Only `saidTo` writes these bodies.
  const { run, ...payload } = body as { readonly run: string; readonly input: Json; readonly by?: string }
  return { kind: 'message.received', key: RUN_KEY, attempt: 1, body: { signal: SAID, id: run, payload } }
}

/** What users said that a run has not heard yet. */
export class SaidMail {
  readonly #messages = new Map<string, InboxMessage>()

  /** Keeps what a user said; false for any other message. */
  add(message: InboxMessage): boolean {
    if (message.kind === 'said') this.#messages.set(message.dedupe, message)
    return message.kind === 'said'
  }

  /** Gives what is heard now: a request that is under way has not heard it, and so it is not written before its reply. */
  due({ phase }: AgentState, busy: number): readonly InboxMessage[] {
    if (this.#messages.size === 0 || busy === Infinity) return []
    if (phase.kind === 'asking' && (phase.pending !== null || busy > 0)) return []
    const due = [...this.#messages.values()]
    this.#messages.clear()
    return due
  }
}
