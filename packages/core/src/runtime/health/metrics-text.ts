// What is known of a queue and of a process, as text that Prometheus and whatever speaks its format read.
import type { Health } from './health.ts'
import type { DefinitionQueue, QueueCounts, QueueStats } from './queue-stats.ts'

type Labels = Readonly<Record<string, string>>
type Sample = readonly [labels: Labels, value: number]

/** What a gauge is called, and what it says. */
interface Gauge {
  readonly name: string
  readonly help: string
}

const QUEUE: readonly (Gauge & { readonly of: (counts: QueueCounts) => readonly Sample[] })[] = [
  { name: 'reprise_queue_depth', help: 'Runs that a worker could take now.', of: ({ depth }) => [[{}, depth]] },
  {
    name: 'reprise_queue_oldest_age_seconds',
    help: 'For how long the run that could be taken for longest could be; 0 where there is none.',
    of: ({ oldestMs }) => [[{}, oldestMs / 1_000]],
  },
  { name: 'reprise_runs_running', help: 'Runs that somebody drives.', of: ({ running }) => [[{}, running]] },
  { name: 'reprise_runs_delayed', help: 'Runs that wait for their time.', of: ({ delayed }) => [[{}, delayed]] },
  {
    name: 'reprise_runs_waiting',
    help: 'Runs that wait, by what for: in-doubt and interrupted want a person.',
    of: ({ waiting }) => Object.entries(waiting).map(([on, count]) => [{ on }, count]),
  },
  {
    name: 'reprise_runs_quarantined',
    help: 'Runs that nobody takes before somebody has looked at them.',
    of: ({ quarantined }) => [[{}, quarantined]],
  },
]

/**
 * Says in the text format of Prometheus (version 0.0.4) what `runtime.queue` and `runtime.health` gave: gauges, whose names
 * begin with `reprise_`. A queue that was counted by definition is told by the labels `kind` and `name`. Each process tells
 * of the same store: take the greatest value over all of them, and not the sum, but for what is named `reprise_process_`.
 *
 * @returns text for the content type `text/plain; version=0.0.4`.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 * @example
 * ```ts
 * import { createRuntime, metricsText } from '@reprise/core'
 * import { memoryStore, scriptedModel } from '@reprise/testing'
 *
 * await using runtime = createRuntime({ store: memoryStore(), models: scriptedModel([]), definitions: [] })
 * const text = metricsText({ queue: await runtime.queue(), health: await runtime.health() })
 * console.log(text.includes('reprise_queue_depth 0')) // true
 * ```
 */
export function metricsText({ queue, health }: { readonly queue?: QueueStats; readonly health?: Health }): string {
  return [...(queue ? queueLines(queue) : []), ...(health ? healthLines(health) : [])]
    .map((line) => `${line}\n`)
    .join('')
}

function queueLines(queue: QueueStats): readonly string[] {
  const groups: readonly (readonly [Labels, QueueCounts])[] = queue.definitions?.map(labelled) ?? [[{}, queue]]
  const still = queue.owners.map(({ stillMs }) => stillMs)
  return [
    ...QUEUE.flatMap(({ of, ...gauge }) =>
      lines(
        gauge,
        groups.flatMap(([labels, counts]) =>
          of(counts).map(([more, value]) => [{ ...labels, ...more }, value] as const),
        ),
      ),
    ),
    ...one('reprise_owners', 'Runtimes that own runs which have not ended.', queue.owners.length),
    ...one(
      'reprise_owners_still_seconds',
      'For how long the heartbeat has stood still that has for longest, as this process sees it.',
      Math.max(0, ...still) / 1_000,
    ),
  ]
}

function labelled({ kind, name, ...counts }: DefinitionQueue): readonly [Labels, QueueCounts] {
  return [{ kind, name }, counts]
}

function healthLines({ live, ready, runs, workers }: Health): readonly string[] {
  const looked = workers.map(({ lookedMsAgo, looksForMs }) => lookedMsAgo ?? looksForMs ?? 0)
  return [
    ...one('reprise_process_live', '1 where this process gets on, else 0.', Number(live)),
    ...one('reprise_process_ready', '1 where this process may be given work, else 0.', Number(ready)),
    ...one('reprise_process_runs', 'Runs that this process drives.', runs),
    ...one('reprise_process_workers', 'Workers of this process.', workers.length),
    ...one(
      'reprise_process_look_age_seconds',
      'How long ago a worker of this process last looked for runs and was answered: the longest of them.',
      Math.max(0, ...looked) / 1_000,
    ),
  ]
}

function one(name: string, help: string, value: number): readonly string[] {
  return lines({ name, help }, [[{}, value]])
}

function lines({ name, help }: Gauge, samples: readonly Sample[]): readonly string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...samples.map(([labels, value]) => `${name}${said(labels)} ${value}`),
  ]
}

function said(labels: Labels): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value)}"`)
  return pairs.length > 0 ? `{${pairs.join(',')}}` : ''
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
