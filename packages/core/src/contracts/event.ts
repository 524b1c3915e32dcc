import type { Entry } from './entry.ts'

/** Words of a reply as they come. Live only: never journaled, so a resumed run does not say them again. */
export interface TextDelta {
  readonly kind: 'text.delta'
  readonly key: string
  readonly attempt: number
  /** Characters of this attempt before this delta. */
  readonly offset: number
  readonly delta: string
}

/** Tells that the deltas of an attempt are void: it is asked again. */
export interface AttemptDiscarded {
  readonly kind: 'attempt.discarded'
  readonly key: string
  readonly attempt: number
}

/**
 * Tells that an agent's call has begun a child run: it is there by now. Live only, and told again where the call is taken up
 * again; a workflow has an entry of this kind.
 */
export interface ChildBegun {
  readonly kind: 'child.started'
  /** Of the call. */
  readonly key: string
  readonly attempt: number
  readonly body: { readonly name: string; readonly runId: string }
}

/** What a run tells those who listen: each entry once it is committed, and what passes by live. */
export type RunEvent = (Entry | TextDelta | AttemptDiscarded | ChildBegun) & { readonly runId: string }

/** The kinds of event. */
export type RunEventKind = RunEvent['kind']

/** The listeners' arguments by kind, as eventemitter3 wants them. */
export type RunEvents = { [K in RunEventKind]: [event: Extract<RunEvent, { kind: K }>] }
