import { diff } from 'node:util'
import type { Replay, Runtime, TextDifference } from '@reprise/core'
import { say } from './progress.ts'

/**
 * Takes runs up again under the code as it is now, offline, and prints where it would go another way.
 *
 * @param runIds all runs where there are none.
 * @returns the exit code: 1 where a run would go another way.
 * @throws DefinitionError when there is no such run.
 */
export async function showReplays(runtime: Runtime, runIds: readonly string[]): Promise<number> {
  const ids = runIds.length > 0 ? runIds : (await runtime.runs.list({ limit: 1_000 })).map(({ id }) => id)
  const replays: Replay[] = []
  for (const id of ids) replays.push(await runtime.replay(id))
  for (const replay of replays) showReplay(replay)
  showDifferences(replays.flatMap(({ differences }) => differences))
  const diverged = replays.filter(({ status }) => status === 'diverged').length
  console.log(`\n${replays.length - diverged} of ${replays.length} runs matched. No model was asked, no tool was run.`)
  return diverged === 0 ? 0 : 1
}

function showReplay({ runId, status, matched, entries, divergence }: Replay): void {
  say(runId, `${status}, ${matched} of ${entries} entries`)
  if (!divergence) return
  console.log(`  at entry ${divergence.seq}\n    recorded  ${divergence.recorded}\n    today     ${divergence.today}`)
}

/** Each text that reads otherwise today, once: the runs go on with what they recorded. */
function showDifferences(differences: readonly TextDifference[]): void {
  const byText = new Map(differences.map((difference) => [JSON.stringify({ ...difference, seq: 0 }), difference]))
  for (const { agent, field, recorded, today } of byText.values()) {
    console.log(`\nThe ${field} of ${agent} read otherwise today:`)
    for (const line of changedLines(readable(field, recorded), readable(field, today))) console.log(`  ${line}`)
  }
}

/** The lines in which two texts differ. */
function changedLines(before: string, after: string): string[] {
  // `diff` counts what only its first text has as 1.
  return diff(before.split('\n'), after.split('\n')).flatMap(([side, line]) =>
    side === 0 ? [] : `${side === 1 ? '-' : '+'} ${line}`,
  )
}

/** Instructions are words, a field of a card is JSON, or absent. */
function readable(field: string, text: string): string {
  return field === 'instructions' || text === 'absent' ? text : JSON.stringify(JSON.parse(text), undefined, 2)
}
