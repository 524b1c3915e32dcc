// What people and programs say to a run: left in its inbox, until whoever drives the run has journaled it.
import { unapprovedCall } from '../../agent/rules/approval.ts'
import { answeredBefore, askedCall } from '../../agent/rules/ask-answer.ts'
import { doubtedCall, type Resolution, says } from '../../agent/state/doubt.ts'
import type { AuditAction, Author } from '../../contracts/audit.ts'
import type { Clock } from '../../contracts/clock.ts'
import type { Entry } from '../../contracts/entry.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { InboxMessage } from '../../contracts/message.ts'
import { KEPT_CONTINUATIONS, type Store } from '../../contracts/store.ts'
import type { Within } from '../../contracts/within.ts'
import type { Plan } from '../../define/plan.ts'
import type { Signal } from '../../define/signal.ts'
import type { Engine } from '../../engine/engine.ts'
import type { AnswerBody, ApprovalBody, ResolveBody } from '../../engine/messages/inbox.ts'
import { noteOf } from '../../journal/audit-note.ts'
import { continuations, continuationsBefore } from '../../journal/continuations.ts'
import { decodeEntry } from '../../journal/entry-codec.ts'
import { askId } from '../../journal/keys.ts'
import { noKey, type Secrets } from '../../journal/secrets.ts'
import { DefinitionError } from '../../values/errors.ts'
import { newRunId } from '../../values/ids.ts'
import { findUnjson, type Json } from '../../values/json.ts'
import { sameJson } from '../../values/same-json.ts'
import { got, type Steps } from '../../values/steps.ts'
import { newestStored } from '../read/stored.ts'
import { acceptAnswer, acceptResult, toolOf } from './accept-answer.ts'
import { editArguments } from './edit-arguments.ts'
import { bodyOf, checkSignal, earlySecret, MOST_EARLY, tooEarly } from './signals.ts'

/** What somebody says to an ask. */
export interface Approval {
  readonly id: string
  readonly by: Author
  readonly approved: boolean
  readonly reason: string
  /** With which arguments instead of the model's; undefined for those that were shown. */
  readonly arguments?: unknown
}

/** What somebody answers to a call. */
export interface Answer {
  /** Of the ask in its run. */
  readonly ask: string
  readonly by: Author
  readonly value: unknown
}

/** What mail stands on: a store, or one within a transaction of the application's. */
export interface MailParts extends Pick<Engine, 'clock' | 'secretsOf'> {
  readonly store: Pick<Within, 'run' | 'newest' | 'entries' | 'inbox' | 'send'>
}

/** Leaves messages for runs, in steps. Two who say the same are one; who says otherwise is told so. */
export class Mail {
  readonly #store: MailParts['store']
  readonly #clock: Clock
  readonly #secretsOf: (lineageId: string) => Secrets

  constructor({ store, clock, secretsOf }: MailParts) {
    this.#store = store
    this.#clock = clock
    this.#secretsOf = secretsOf
  }

  /**
   * Sends a signal to the newest continuation of a run; two of one id are one.
   *
   * @param first the run, which is there.
   * @returns the run that has it now; undefined where one before it has heard of it.
   * @throws DefinitionError when the run is no workflow's or has ended, or the payload breaks its schema.
   */
  *signal(first: RunRow, signal: Signal, payload: unknown, given: string | undefined): Steps<RunRow | undefined> {
    const id = given ?? newRunId()
    let row = yield* this.#newest(first)
    // Whoever says it again may have been heard by a continuation before.
    const before = given === undefined ? [] : continuationsBefore(row.id, KEPT_CONTINUATIONS)
    if (yield* this.#isHeard(before, signal.name, id)) return undefined
    for (;;) {
      yield* this.#signalTo(row, signal, payload, id)
      const newest = yield* this.#newest(row)
      // A run may have gone on as another just then: whether that one has heard of it stands in the journals.
      if (newest.id === row.id || (yield* this.#isHeard(continuations(row.id, newest.id), signal.name, id))) return row
      row = newest
    }
  }

  *#newest(row: RunRow): Steps<RunRow> {
    return (yield* newestStored(this.#store, row.id)) ?? row
  }

  *#signalTo(row: RunRow, signal: Signal, payload: unknown, id: string): Steps<void> {
    // Whoever did not hear that the first one arrived says it again.
    if (row.endedAt !== null && (yield* this.#isHeard([row.id], signal.name, id))) return
    const accepted = checkSignal(row, signal, payload)
    yield* this.#learn(row, `The signal "${signal.name}"`, accepted.secrets)
    yield* this.#leave(row, 'signal', `signal:${signal.name}:${id}`, bodyOf(signal, id, accepted))
  }

  /**
   * Makes the message by which a workflow run begins that is not there yet.
   *
   * @throws what `signal` throws.
   */
  *first(runId: string, signal: Signal, payload: unknown, id: string): Steps<InboxMessage> {
    const row = { id: runId, lineageId: runId, kind: 'workflow', status: 'queued', endedAt: null } as const
    const accepted = checkSignal(row, signal, payload)
    yield* this.#learn(row, `The signal "${signal.name}"`, accepted.secrets)
    const body = yield* this.#redact(row, bodyOf(signal, id, accepted))
    return { runId, dedupe: `signal:${signal.name}:${id}`, kind: 'signal', body, at: this.#clock.now() }
  }

  /**
   * Leaves a signal for a run that is not there, until it begins.
   *
   * @returns false where it is there by now.
   * @throws DefinitionError when the payload breaks its schema, or has a secret, and when too many wait.
   */
  async early(
    store: Pick<Store, 'sendEarly'>,
    runId: string,
    signal: Signal,
    payload: unknown,
    id: string,
  ): Promise<boolean> {
    const row = { id: runId, kind: 'workflow', status: 'queued', endedAt: null } as const
    const { secrets, ...accepted } = checkSignal(row, signal, payload)
    if (secrets.length > 0) throw earlySecret(runId, signal)
    const left = { runId, dedupe: `signal:${signal.name}:${id}`, kind: 'signal', at: this.#clock.now() } as const
    const result = await store.sendEarly({ ...left, body: bodyOf(signal, id, accepted) }, MOST_EARLY)
    if (result === 'full') throw tooEarly(runId, signal)
    return result !== 'begun'
  }

  /** What is secret in what is said is kept by the lineage of its run. */
  *#learn({ lineageId }: Pick<RunRow, 'lineageId'>, what: string, values: readonly string[]): Steps<void> {
    if (values.length === 0) return
    const secrets = this.#secretsOf(lineageId)
    if (!secrets.kept) throw noKey(`${what} has a secret`)
    yield* secrets.loading()
    secrets.learn(values)
  }

  /** Tells whether one of these runs has heard a message. */
  *#isHeard(runIds: Iterable<string>, name: string, id: string): Steps<boolean> {
    for (const runId of runIds) {
      const entries = (yield* got(this.#store.entries(runId))).map(decodeEntry)
      if (entries.some(({ kind, body }) => kind === 'message.received' && body.signal === name && body.id === id))
        return true
    }
    return false
  }

  /**
   * Allows a call that waits for it, or does not.
   *
   * @param entries of the run.
   * @param plan today's, where it is known.
   * @throws DefinitionError when no such call waits, its time is over, its tool has changed, or somebody has said otherwise.
   */
  *approval(row: RunRow, entries: readonly Entry[], said: Approval, plan: Plan | undefined): Steps<void> {
    const { id, by, approved, reason } = said
    const { id: runId } = row
    checkAgents(runId, entries)
    const call = unapprovedCall(runId, entries, said, this.#clock.now(), plan)
    const edited = yield* this.#edited(row, entries, said, plan)
    if (call.kind === 'said') return refuseOtherwise(runId, said, edited, call)
    const { key, attempt, approvers } = call
    const body = { key, attempt, by: by.id, source: by.source, approved, reason, ...(edited && { edited }) }
    const deed = { action: approved ? 'approved' : 'rejected', by, what: id } as const
    // Where several must allow it, each of them has a word.
    const mark = approvers > 1 ? `approval:${id}:${by.id}` : `approval:${id}`
    const before = (yield* this.#leave(row, 'approval', mark, body satisfies ApprovalBody, deed)) as
      | ApprovalBody
      | undefined
    if (before && before.approved !== approved)
      throw saidOtherwise(runId, id, before.by, before.approved ? 'allowed it' : 'refused it')
    if (before) return refuseOtherwise(runId, said, edited, { by: before.by, edited: before.edited?.asked })
    // One that was left before this may have been taken out of the inbox just now.
    const now = (yield* got(this.#store.entries(runId))).map(decodeEntry)
    const taken = unapprovedCall(runId, now, said, -Infinity, undefined)
    if (taken.kind === 'said') refuseOtherwise(runId, said, edited, taken)
  }

  /** What a call is to run with instead of what the model gave; undefined where that is the same. */
  *#edited(
    { id: runId, lineageId }: RunRow,
    entries: readonly Entry[],
    said: Approval,
    plan: Plan | undefined,
  ): Steps<ApprovalBody['edited']> {
    if (said.arguments === undefined) return undefined
    const secrets = this.#secretsOf(lineageId)
    yield* secrets.loading()
    return editArguments(runId, entries, said, plan, secrets)
  }

  /**
   * Answers a call that somebody is to answer.
   *
   * @param entries of the run.
   * @param plan today's, where it is known.
   * @throws DefinitionError when nobody is asked so, its time is over, the value is no answer, or somebody has said otherwise.
   */
  *answer(row: RunRow, entries: readonly Entry[], { ask, by, value }: Answer, plan: Plan | undefined): Steps<void> {
    const { id: runId } = row
    checkAgents(runId, entries)
    const call = askedCall(runId, entries, ask, this.#clock.now())
    const accepted = acceptAnswer(runId, ask, call, plan, value)
    yield* this.#learn(row, `The answer to ${call.tool}`, accepted.secrets)
    const result = yield* this.#redact(row, accepted.result)
    if (call.kind === 'answered') return refuseOther(runId, ask, call, result)
    const { key, attempt } = call
    const body = { key, attempt, by: by.id, source: by.source, result } satisfies AnswerBody
    const deed = { action: 'answered', by, what: ask } as const
    const before = (yield* this.#leave(row, 'answer', `answer:${ask}`, body, deed)) as AnswerBody | undefined
    if (before) return refuseOther(runId, ask, before, result)
    // One that was left before this may have been taken out of the inbox just now.
    const taken = askedCall(runId, (yield* got(this.#store.entries(runId))).map(decodeEntry), ask, -Infinity)
    if (taken.kind === 'answered') refuseOther(runId, ask, taken, result)
  }

  /**
   * Says of a call in doubt whether it happened.
   *
   * @param entries of the run.
   * @param plan today's, where it is known: what the call has returned is held against the tool's `output`.
   * @throws DefinitionError when no such call is in doubt, the tool does not return that, or somebody has said otherwise.
   */
  *resolution(
    row: RunRow,
    entries: readonly Entry[],
    id: string,
    word: { readonly resolution: Resolution; readonly by: Author },
    plan: Plan | undefined,
  ): Steps<void> {
    const { id: runId } = row
    const { by } = word
    const given = yield* this.#resolved(row, entries, id, word.resolution, plan)
    const resolution = yield* this.#redact(row, given)
    const result = resolution.happened ? resolution.result : null
    const lost = findUnjson(result)
    if (lost) {
      const message = `The result to resolve with is not JSON: ${lost.path || 'it'} is ${lost.found}. Give plain JSON.`
      throw new DefinitionError({ code: 'bad_input', message })
    }
    checkAgents(runId, entries)
    const call = doubtedCall(runId, entries, id, resolution)
    if (call.kind === 'said') return
    const { key, attempt } = call
    const body = { key, attempt, by: by.id, happened: resolution.happened, result } satisfies ResolveBody
    const deed = { action: 'resolved', by, what: id } as const
    const left = yield* this.#leave(row, 'resolve', `resolve:${key}:${attempt}`, body, deed)
    const said = left as ResolveBody | undefined
    if (!said || says(said, resolution)) return
    throw saidOtherwise(runId, id, said.by, said.happened ? 'said that it happened' : 'said that it did not happen')
  }

  /** What somebody says of a call in doubt, as its tool would return it. */
  *#resolved(
    row: RunRow,
    entries: readonly Entry[],
    id: string,
    resolution: Resolution,
    plan: Plan | undefined,
  ): Steps<Resolution> {
    const doubt = entries.findLast(({ kind, key, attempt }) => kind === 'call.doubted' && askId(key, attempt) === id)
    const tool = doubt?.kind === 'call.doubted' ? toolOf(plan, '', doubt.body.name) : undefined
    if (!resolution.happened || !tool?.output) return resolution
    const accepted = acceptResult(
      tool,
      `What ${tool.name} at "${id}" of the run "${row.id}" returned`,
      resolution.result,
    )
    yield* this.#learn(row, `The result of ${tool.name}`, accepted.secrets)
    return { happened: true, result: accepted.result }
  }

  /** As somebody says it, without the secrets of the run's lineage. */
  *#redact<T>({ lineageId }: Pick<RunRow, 'lineageId'>, said: T): Steps<T> {
    const secrets = this.#secretsOf(lineageId)
    yield* secrets.loading()
    return secrets.redact(said)
  }

  /** Leaves a message; gives the one that lies there already under its mark. */
  *#leave(
    row: RunRow,
    kind: InboxMessage['kind'],
    dedupe: string,
    said: Json,
    deed?: { readonly action: AuditAction; readonly by: Author; readonly what: string },
  ): Steps<unknown> {
    const { id: runId, lineageId } = row
    const secrets = this.#secretsOf(lineageId)
    yield* secrets.loading()
    const body = secrets.redact(said)
    const at = this.#clock.now()
    const note = deed && noteOf(row, { ...secrets.redact(deed), at })
    const { unsaved } = secrets
    const isNew = yield* got(this.#store.send({ runId, dedupe, kind, body, at }, unsaved, note))
    secrets.saved(unsaved)
    if (isNew) return undefined
    return (yield* got(this.#store.inbox(runId))).find((message) => message.dedupe === dedupe)?.body
  }
}

/** The first word counts, with the arguments that it was on. */
function refuseOtherwise(
  runId: string,
  { id }: Approval,
  edited: ApprovalBody['edited'],
  before: { readonly by: string; readonly edited: string | undefined },
): void {
  if (edited?.asked !== before.edited) throw saidOtherwise(runId, id, before.by, 'allowed it with other arguments')
}

/** The first answer counts; whoever says the same again is heard. */
function refuseOther(
  runId: string,
  ask: string,
  before: { readonly by: string; readonly result: Json },
  result: Json,
): void {
  if (!sameJson(before.result, result)) throw answeredBefore(runId, ask, before.by)
}

/** The calls of a workflow's agents are those of its children. */
function checkAgents(runId: string, [first]: readonly Entry[]): void {
  if (first?.kind === 'run.started' && 'card' in first.body) return
  throw new DefinitionError({
    code: 'not_an_agents_run',
    message: `The run "${runId}" is a workflow's, and has no calls of its own. Name the child run that waits: its outcome and runs.list({ parentId }) tell which.`,
    details: { runId },
  })
}

function saidOtherwise(runId: string, id: string, by: string, what: string): DefinitionError {
  const message = `${by} has ${what}, of "${id}" of the run "${runId}": you cannot say otherwise now.`
  return new DefinitionError({ code: 'said_otherwise', message, details: { runId, id } })
}
