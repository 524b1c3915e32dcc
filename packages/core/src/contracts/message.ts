import type { Json } from '../values/json.ts'

/** A message from outside for a run, kept until its owner has journaled it. */
export interface InboxMessage {
  readonly runId: string
  /** A second message of one run with the same mark is dropped. */
  readonly dedupe: string
  readonly kind: 'cancel' | 'resolve' | 'signal' | 'approval' | 'answer' | 'child' | 'rewind' | 'turn' | 'said'
  readonly body: Json
  readonly at: number
}

/** What came of a message for a run that is not there. */
export type EarlyResult = 'left' | 'known' | 'full' | 'begun'
