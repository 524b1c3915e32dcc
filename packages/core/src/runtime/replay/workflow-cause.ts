// What has changed of a workflow's code where a run goes another way. The code is asked: it runs again over a journal in
// which the change is undone, and what it makes of that tells a step that was renamed from one that was added or moved.
import type { Entry } from '../../contracts/entry.ts'
import type { AnyWorkflow } from '../../define/any-workflow.ts'
import type { Divergence } from '../../journal/divergence.ts'
import { replayWorkflow } from '../../workflow/replay-workflow.ts'
import { type LikelyCause, UNKNOWN } from './cause.ts'

/** Says what is likely behind a divergence of a workflow's run. */
export async function workflowCause(
  runId: string,
  divergence: Divergence,
  entries: readonly Entry[],
  workflow: AnyWorkflow,
): Promise<LikelyCause> {
  const entry = entries[divergence.seq]
  if (!entry) return UNKNOWN
  const { key, kind } = entry
  const name = `workflow "${workflow.name}"`
  if (kind === 'run.completed' || kind === 'run.failed') return ofEnd(divergence, name)
  if (kind === 'child.started' && divergence.today.startsWith('start '))
    return ofChild(entry.body.name, divergence, name)
  if (divergence.today === 'have ended') return { kind: 'step-removed', said: `${name} ends before ${key}` }
  const asked = askedFor(divergence)
  const isRecorded = new Set(entries.map((other) => other.key))
  // What is received is recorded under the key of the message.
  const heard = asked.filter((other) => kindOf(other) === 'receive')
  const fresh = asked.filter((other) => !isRecorded.has(other) && !heard.includes(other))
  if (asked.length === 0) return ofCode(divergence, name)
  if (kind === 'child.started') {
    const other = fresh.find((asked) => kindOf(asked) === kindOf(key))
    if (other !== undefined) return { kind: 'child-renamed', said: `${name} starts ${other} and not ${key}` }
  }
  for (const other of fresh) {
    if (kindOf(other) !== kindOf(key)) continue
    const again = await replayWorkflow(runId, renamed(entries, key, other), workflow)
    const goesFurther = !again || (again.seq > divergence.seq && !askedFor(again).includes(key))
    if (goesFurther) return { kind: 'step-renamed', said: `${key} of ${name} is called ${other}` }
  }
  if (fresh.length > 0) return { kind: 'step-added', said: `${name} does ${fresh.join(', ')} before ${key}` }
  const without = await replayWorkflow(
    runId,
    entries.filter((other) => other.key !== key),
    workflow,
  )
  const isMoved = without !== null && askedFor(without).includes(key)
  return isMoved
    ? { kind: 'step-moved', said: `${key} of ${name} comes later than it did` }
    : {
        kind: 'step-removed',
        said: `${key} of ${name} is gone${heard.length > 0 ? `, or comes after ${heard.join(', ')}` : ''}`,
      }
}

function ofEnd(divergence: Divergence, name: string): LikelyCause {
  const asked = askedFor(divergence)
  if (asked.length > 0) return { kind: 'step-added', said: `${name} does ${asked.join(', ')} before it ends` }
  return { kind: 'result-changed', said: `${name} ends otherwise than it did` }
}

function ofChild(recorded: string, { today, key }: Divergence, name: string): LikelyCause {
  const [, started] = /^start (\S+)$/.exec(today) ?? []
  if (started === undefined || started === 'it')
    return { kind: 'child-changed', said: `${name} gives the child at ${key} another input` }
  return { kind: 'child-renamed', said: `${name} starts "${started}" at ${key} and not "${recorded}"` }
}

function ofCode({ recorded, today }: Divergence, name: string): LikelyCause {
  return { kind: 'workflow-changed', said: `${name} would ${today}, where is recorded: ${recorded}` }
}

/** The keys that today's code waits for, as the divergence tells them. */
function askedFor({ today }: Divergence): readonly string[] {
  const [, keys] = /^wait for (.+?)(?:, which is a [a-z]+)?$/.exec(today) ?? []
  return keys === undefined || keys === 'something that is not of ctx' ? [] : keys.split(', ')
}

/** What is at a key: `step` of `step:note`, in whatever branch. */
function kindOf(key: string): string {
  return (key.split('/').at(-1) ?? '').split(':')[0] ?? ''
}

/** The journal as it would be if the operation had been called so from the beginning. */
function renamed(entries: readonly Entry[], from: string, to: string): Entry[] {
  const name = to.slice(to.lastIndexOf(':') + 1).replace(/(\([^)]*\))?(#\d+)?$/, '')
  return entries.map((entry) => {
    if (entry.key !== from) return entry
    const body = entry.kind === 'step.returned' || entry.kind === 'step.failed' ? { ...entry.body, name } : entry.body
    // It is of the kind that it was of.
    return { ...entry, key: to, body } as Entry
  })
}
