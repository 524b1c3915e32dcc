import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Io, main } from '@reprise/cli'
import { readTables } from '../data.ts'
import { makeTemplate } from '../shop/template.ts'
import { type Luna, openWholeShop } from './open.ts'
import { plant, type Planted } from './planted.ts'

/** As much of a report as is looked at here. */
export interface Report {
  readonly recordings: { readonly tried: number }
  readonly agents: readonly {
    readonly agent: string
    readonly verdict: { readonly kind: string; readonly why: readonly string[] }
    readonly share: { readonly estimate: number } | null
    readonly month: {
      readonly recorded: number | null
      readonly candidate: { readonly estimate: number } | null
      readonly basis: string
    }
    readonly latency: Readonly<Record<'recorded' | 'candidate', { readonly p50: number; readonly p95: number }>>
    readonly examples: readonly { readonly runId: string; readonly changes: readonly { readonly what: string }[] }[]
  }[]
}

/** What a migration came to. */
export interface Tried {
  readonly report: Report
  readonly printed: string
  readonly code: number
  /** The page, as HTML. */
  readonly page: string
}

const DAY_MS = 86_400_000

/** Runs of the shop, recorded of one model, in a folder that goes when it is closed. */
export class MigrationTrial {
  readonly #folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tau-migrate-'))
  readonly #numbers: readonly number[]
  #planted: readonly Planted[] = []

  private constructor(numbers: readonly number[]) {
    this.#numbers = numbers
  }

  /** Serves the customers of the tasks, one after the other, over ten days that end now. */
  static async record(numbers: readonly number[]): Promise<MigrationTrial> {
    const trial = new MigrationTrial(numbers)
    await makeTemplate(trial.#path, readTables())
    const { runtime, agent, tasks, clock } = openWholeShop(trial.#path, numbers, 'same', Date.now() - 10 * DAY_MS)
    for (const { task, instruction } of tasks) {
      const run = await runtime.start(agent, instruction, { id: `task-${task}` })
      await run.outcome()
      await clock.advance((9 * DAY_MS) / tasks.length)
    }
    await runtime.close()
    const reads = new Set(agent.tools.filter(({ effect }) => effect === 'read').map(({ name }) => name))
    trial.#planted = plant(tasks, reads)
    return trial
  }

  /** What the other model does otherwise, where it does. */
  get planted(): readonly Planted[] {
    return this.#planted
  }

  /** Asks the recorded runs again, by the command line. */
  async migrate(luna: Luna): Promise<Tried> {
    const home = join(this.#folder, luna)
    mkdirSync(home)
    const open = JSON.stringify(join(import.meta.dirname, 'open.ts'))
    // A module is loaded once, and a command closes its runtime: each has a config of its own.
    for (const config of ['words.ts', 'json.ts'])
      writeFileSync(
        join(home, config),
        `import { openWholeShop } from ${open}
export const { runtime } = openWholeShop(${JSON.stringify(this.#path)}, ${JSON.stringify(this.#numbers)}, '${luna}', ${Date.now()})
`,
      )
    const { printed, code } = await reprise(home, '--config', 'words.ts', '--html', 'report.html')
    const asJson = await reprise(home, '--config', 'json.ts', '--json')
    return {
      // It is what the command prints.
      report: JSON.parse(asJson.printed) as Report,
      printed,
      code,
      page: readFileSync(join(home, 'report.html'), 'utf8'),
    }
  }

  close(): void {
    rmSync(this.#folder, { recursive: true })
  }

  get #path(): string {
    return join(this.#folder, 'shop.db')
  }
}

/** Asks each run once, however often the command is given. */
async function reprise(home: string, ...words: readonly string[]): Promise<Pick<Tried, 'printed' | 'code'>> {
  let printed = ''
  const io: Io = {
    stdout: { write: (text) => (printed += text) },
    stderr: { write: (text) => (printed += text) },
    env: {},
    cwd: () => home,
    on: () => undefined,
    off: () => undefined,
  }
  await main(['migrate', 'gpt-4.1-mini', '--to', 'gpt-6-luna', '--results', 'answers.jsonl', ...words], io)
  return { printed, code: Number(io.exitCode ?? 0) }
}

/** Names what a report says otherwise than what was planted: nothing, where each is found and none is invented. */
export function complaintsOf({ report }: Tried, planted: readonly Planted[]): readonly string[] {
  const found = new Map(
    report.agents.flatMap(({ examples }) => examples.map(({ runId, changes }) => [runId, changes] as const)),
  )
  const missed = planted.flatMap(({ task, told }) => {
    const first = found.get(`task-${task}`)?.[0]?.what ?? 'nothing'
    return first === told ? [] : [`task-${task}: planted was "${told}", and found is "${first}"`]
  })
  const expected = new Set(planted.map(({ task }) => `task-${task}`))
  const invented = [...found].flatMap(([runId, changes]) =>
    expected.has(runId) ? [] : [`${runId}: found is "${changes[0]?.what ?? ''}", and nothing was planted`],
  )
  return [...missed, ...invented]
}
