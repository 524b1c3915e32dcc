// What is known of each kind of entry, whoever asks: stores, the journal writer, and those who run a workflow's code over
// its journal. A kind that is added to EntryBodies does not compile before it has a line here.
import type { EntryKind } from '../contracts/entry.ts'

interface Facts {
  /** It gets a run further: an effort has come to its end, and need not be made again. */
  readonly progress?: true
  /** It ends its run. */
  readonly ends?: true
  /** In a workflow's journal, something has begun by it. */
  readonly starts?: true
  /** In a workflow's journal, it says along what the code had asked for before it. */
  readonly says?: true
  /** A workflow's run that rested goes on by it. */
  readonly wakes?: true
  /** It says something of a workflow's run as a whole, of which the code is told nothing. */
  readonly untold?: true
}

const FACTS: { readonly [K in EntryKind]: Facts } = {
  'run.started': {},
  'run.forked': {},
  'history.joined': {},
  'definition.changed': {},
  'model.asked': {},
  'model.replied': { progress: true },
  'model.failed': {},
  'call.judged': {},
  'approval.asked': {},
  'approval.given': {},
  'answer.asked': {},
  'call.intended': {},
  'call.returned': { progress: true },
  'call.failed': { progress: true },
  'call.doubted': {},
  'call.resolved': {},
  'memory.read': {},
  'handoff.made': { progress: true },
  'output.judged': {},
  'step.returned': { progress: true, says: true, wakes: true },
  'step.failed': { progress: true, says: true, wakes: true },
  'child.started': { starts: true, says: true },
  'child.ended': { progress: true, wakes: true },
  'timer.set': { starts: true, says: true },
  'timer.fired': { wakes: true },
  'message.received': { wakes: true },
  'race.won': { says: true },
  'history.compacted': { progress: true },
  'run.waiting': {},
  'run.quarantined': { untold: true },
  'run.rewound': { wakes: true, untold: true },
  'run.released': { wakes: true, untold: true },
  'run.completed': { ends: true, untold: true },
  'run.failed': { ends: true, untold: true },
  'run.cancelled': { ends: true, untold: true },
}

function kindsWith(fact: keyof Facts): ReadonlySet<EntryKind> {
  // The keys of the table are the kinds.
  const kinds = Object.keys(FACTS) as EntryKind[]
  return new Set(kinds.filter((kind) => FACTS[kind][fact]))
}

/**
 * The kinds of entry that get a run further: an effort has come to its end, and need not be made again. What a run writes
 * of itself, and what others tell it, does not: one that ends its owners may write and hear that in each of its lives.
 *
 * @example
 * ```ts
 * import { createRuntime, defineAgent, PROGRESS } from '@reprise/core'
 * import { memoryStore, scriptedModel } from '@reprise/testing'
 *
 * const poet = defineAgent({ name: 'poet', model: 'gpt-4.1-mini', instructions: 'Write one line.' })
 * const models = scriptedModel([{ text: 'Rain again.' }])
 * await using runtime = createRuntime({ store: memoryStore(), models, definitions: [poet] })
 * const run = await runtime.start(poet, 'About spring')
 * await run.result()
 * const entries = await runtime.runs.entries(run.id)
 * console.log(entries.map(({ kind }) => kind).filter((kind) => PROGRESS.has(kind))) // [ 'model.replied' ]
 * ```
 */
export const PROGRESS = kindsWith('progress')

/** The kinds of entry that end a run. */
export const ENDS = kindsWith('ends')

/** The kinds of entry that something has begun by. A step that failed and is tried again has begun, too. */
export const STARTS = kindsWith('starts')

/** The kinds of entry that say what was asked before them. */
export const SAYS = kindsWith('says')

/** The kinds of entry that a workflow's run which waited goes on by. */
export const WAKES = kindsWith('wakes')

/** The kinds of entry that say something of the run as a whole, of which a workflow's code is told nothing. */
export const UNTOLD = kindsWith('untold')
