import type { Outcome, RunHandle, Runtime } from '@reprise/core'
import { exitWith } from '../line/exit-code.ts'
import { interruption } from '../line/interrupt.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, printJson } from '../line/json.ts'
import { sayOutcome } from '../show/outcome.ts'
import { Timeline } from '../show/timeline.ts'

/**
 * Brings a run as far as it goes in this process, prints what happens from now on, and says how it came to rest. When
 * it is interrupted, it gives the run back as it then stands.
 *
 * @param open takes the run up.
 * @param first entry that is printed. @default the first that the run does not have before
 */
export async function bringOn(
  io: Io,
  runtime: Runtime,
  runId: string,
  { json }: JsonOption,
  open: () => Promise<RunHandle>,
  first?: number,
): Promise<void> {
  const interrupted = interruption(io)
  interrupted.addEventListener('abort', () => void runtime.close())
  const from = first ?? (await runtime.runs.entries(runId)).length
  const handle = await open()
  // Asked for at once: a runtime that an interrupt has closed cannot be asked any more.
  const settled = handle.outcome()
  let newest = runId
  if (!json) {
    let next = await tellFrom(io, from, handle, interrupted)
    while (next !== undefined && !interrupted.aborted) {
      newest = next
      next = await tellFrom(io, 0, await runtime.resume(newest), interrupted)
    }
  }
  const outcome = await settled
  if (json) printJson(io, { runId, ...outcome })
  else say(io, sayOutcome(newest, outcome).join('\n'))
  if (interrupted.aborted && isInterrupted(outcome)) exitWith(io, 'interrupted')
  else if (!isWell(outcome)) exitWith(io, 'failed')
}

/** Gives the run that this one goes on as, where it does. */
async function tellFrom(
  io: Io,
  first: number,
  handle: RunHandle,
  interrupted: AbortSignal,
): Promise<string | undefined> {
  const timeline = new Timeline()
  let next: string | undefined
  try {
    for await (const event of handle) {
      if (!('seq' in event)) continue
      const told = timeline.tell(event)
      if (event.seq >= first) say(io, told)
      if (event.kind === 'run.completed') next = event.body.continuedAs
    }
  } catch (error) {
    // The store of a closed runtime cannot be read to its end.
    if (!interrupted.aborted) throw error
  }
  return next
}

function isInterrupted(outcome: Outcome): boolean {
  return outcome.kind === 'waiting' && outcome.waiting.kind === 'interrupted'
}

/** A run that waits for somebody has gone as far as it can. */
function isWell(outcome: Outcome): boolean {
  return outcome.kind === 'completed' || (outcome.kind === 'waiting' && !isInterrupted(outcome))
}
