// What the engine needs of runs that come of other runs, as types alone. The sessions call `Children`, and
// runtime/start/starter.ts implements it: so the engine starts child runs without an import from the floor above. A child has
// a journal, an owner and keys of its own (invariants 3 and 8).
import type { RunRow } from '../contracts/run.ts'
import type { Beginning } from '../contracts/write.ts'
import type { AnyWorkflow } from '../define/any-workflow.ts'
import type { ChildEnding, Effects, Message, RecordedError } from '../contracts/entry.ts'
import type { Rewound } from '../contracts/rewound.ts'
import type { Schema } from '../contracts/schema.ts'
import type { Totals } from '../contracts/totals.ts'
import type { AnyDefinition } from '../define/plan.ts'

/** What a run passes on to its children. */
export type Parent = Pick<RunRow, 'id' | 'lineageId' | 'tenant' | 'user' | 'priority'> & {
  readonly effects: Effects
  /** How many runs are above it. */
  readonly depth: number
  /** How many turns it leaves to a child and those below that; Infinity where nothing limits them. */
  readonly turnsLeft: number
  /** Whether it may be given up while it waits for long, and its children with it: somebody takes it up again. */
  readonly worked: boolean
}

/** A child run that is to be there. */
export interface ChildStart {
  readonly runId: string
  readonly definition: AnyDefinition
  readonly input: unknown
  readonly context: unknown
  /** The schemas that gave the context, where it is the parent's own: what they gave is not held against them again. */
  readonly contextOf?: readonly Schema[]
  readonly parent: Parent
  readonly parentKey: string
  /** Called when it is there, before anything happens in it. */
  readonly begun?: () => void
}

/** A child run that this process could not bring further. It is not to be tried again at once. */
export interface InterruptedChild {
  readonly kind: 'interrupted'
  readonly error: RecordedError
  /** Whether that does not count towards the quarantine of its parent: it counts for the child alone, or can be mended. */
  readonly mendable: boolean
}

/** How a child run stands when nothing more happens to it here. */
export type ChildStanding =
  | { readonly kind: 'ended'; readonly ending: ChildEnding; readonly totals: Totals }
  /** It waits for somebody, so its parent does. */
  | { readonly kind: 'rests' }
  /** Whoever drove it has let go of it: it is to be taken up again. */
  | { readonly kind: 'stopped' }
  | InterruptedChild

/** What goes on as another run. */
export interface Onward {
  /** Of the run that ends. */
  readonly row: RunRow
  readonly workflow: AnyWorkflow
  readonly input: unknown
  readonly worked: boolean
  readonly effects: Effects
  /** How many runs are above it. */
  readonly depth: number
  /** How many turns are left to it; Infinity where nothing limits them. */
  readonly turnsLeft: number
  /** The messages that the code has not received: the next continuation may. */
  readonly unheard: readonly Message[]
}

/** The run that goes on in the place of another. */
export interface NextContinuation {
  readonly runId: string
  readonly beginning: Beginning
  /** Drives it, once its beginning is committed. */
  readonly drive: () => void
}

/** Runs children: what the engine needs of the runtime that it is part of. */
export interface Children {
  /** Tells that a child is about to be run: whoever asks for it meanwhile waits for it, until `run` or `forgo`. */
  expect(runId: string): void
  /** Tells that a child that was expected is not run here. */
  forgo(runId: string): void
  /** Starts a child run, or takes it up again where it was started before. */
  run(child: ChildStart): Promise<ChildStanding>
  /** Goes on with a child run that stands in the place of others, which are cancelled first where they have not ended. */
  goOn(rewound: Rewound, worked: boolean): Promise<ChildStanding>
  cancel(runId: string, reason: string): Promise<void>
  /** Makes the run ready that goes on in the place of one that ends, and begins in the write of that end. */
  continueAs(next: Onward): NextContinuation
}
