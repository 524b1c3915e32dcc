import { setTimeout as sleep } from 'node:timers/promises'
import type { EntryOf, Outcome, RunRow, Runtime } from '@reprise/core'
import { type Io, say, type Terminal } from '../line/io.ts'
import { sayOutcome } from '../show/outcome.ts'
import { picture, SPIN_MS } from './picture.ts'
import { RunTree } from './run-tree.ts'
import { Screen } from './screen.ts'

/** How often the store is looked at, at most: looking takes no more than a fifth of the time. */
const LOOK_MS = 250
const SHARE = 4

/** Draws a run and those below it until it has ended, says its outcome, and gives the id of the run that it has gone on as. */
export async function drawUntilEnd(
  io: Io & { readonly stdout: Terminal },
  { runs }: Runtime,
  runId: string,
  interrupted: AbortSignal,
): Promise<string> {
  for (let id = runId; ;) {
    const tree = new RunTree(runs, id)
    const next = await drawOne(io, tree, interrupted)
    const { row, progress } = tree.root ?? {}
    if (next === undefined || interrupted.aborted) {
      if (row && progress?.ending) say(io, sayOutcome(row.id, outcomeOf(progress.ending, row)).join('\n'))
      return id
    }
    id = next
  }
}

async function drawOne(
  io: Io & { readonly stdout: Terminal },
  tree: RunTree,
  interrupted: AbortSignal,
): Promise<string | undefined> {
  const screen = new Screen(io.stdout)
  try {
    for (let lookAt = 0; ;) {
      if (performance.now() >= lookAt) {
        const begun = performance.now()
        await tree.look()
        const took = performance.now() - begun
        lookAt = performance.now() + Math.max(LOOK_MS, SHARE * took)
      }
      const { root } = tree
      if (root) screen.draw(picture(root, Date.now(), screen.size.height))
      if (root?.ended) return root.progress?.continuedAs
      if (interrupted.aborted) return undefined
      await sleep(SPIN_MS, undefined, { signal: interrupted }).catch(() => undefined)
    }
  } finally {
    screen.end()
  }
}

function outcomeOf(
  { kind, body }: EntryOf<'run.completed' | 'run.failed' | 'run.cancelled'>,
  { totals }: RunRow,
): Outcome {
  if (kind === 'run.completed') return { kind: 'completed', output: body.output, totals }
  if (kind === 'run.cancelled') return { kind: 'cancelled', ...body, totals }
  const { outcome, ...rest } = body
  return { kind: outcome, ...rest, totals }
}
