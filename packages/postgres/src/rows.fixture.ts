// Rows that stand in a journal, as many as a test wants, without having been written one by one.
import pg from 'pg'
import { postgres } from './postgres.ts'
import type { PostgresStore } from './postgres-store.ts'
import { freshSchema, serverUrl } from './testing.fixture.ts'
import { tablesOf } from './tables.ts'
import type { Tables } from './tables.ts'

/** What a row says, each as it stands in SQL; `n` is its number among those that are made. */
type Columns = Readonly<Record<string, string>>

const EVERY: Columns = {
  kind: "'agent'",
  name: "'support'",
  version: '1',
  round: '1',
  status: "'queued'",
  priority: '0',
  tags: "'{}'",
  epoch: '1',
  attempts: '0',
  created_at: '1764000000000',
  totals: `'{"turns":0,"calls":0,"inputTokens":0,"cachedTokens":0,"outputTokens":0,"costNano":0,"unpriced":0}'`,
}

/** A journal of its own: a store on it, and a connection beside that. */
export class Journal {
  readonly store: PostgresStore
  readonly url: string
  readonly schema: string
  readonly tables: Tables
  readonly client: pg.Client

  private constructor(url: string, schema: string) {
    this.url = url
    this.schema = schema
    this.store = postgres(url, { schema })
    this.tables = tablesOf(schema)
    this.client = new pg.Client(url)
  }

  /** @param schema of another journal, to open that once more. @default its own */
  static async open(schema = freshSchema()): Promise<Journal> {
    const journal = new Journal(await serverUrl(), schema)
    await journal.client.connect()
    await journal.store.run('nobody')
    return journal
  }

  /** Makes runs `<name> 0` and so on. */
  async insert(count: number, name: string, columns: Columns = {}): Promise<void> {
    const all = { ...EVERY, id: `'${name} ' || n`, lineage_id: `'${name} ' || n`, ...columns }
    await this.client.query(
      `insert into ${this.tables.runs} (${Object.keys(all).join(', ')})
        select ${Object.values(all).join(', ')} from generate_series(0, ${count - 1}) n`,
    )
  }

  /** Leaves a message for a run. */
  async leave(runId: string): Promise<void> {
    await this.client.query(
      `insert into ${this.tables.inbox} (run, dedupe, kind, at, body) select run, 'a', 'cancel', 0, '{}' from ${this.tables.runs} where id = $1`,
      [runId],
    )
  }

  /** How many rows of a table, or of an index of it, a statement looks at. Nothing of what it does stays. */
  async rowsRead(text: string, values: readonly unknown[], table: keyof Tables = 'runs'): Promise<number> {
    await this.client.query('begin')
    const { rows } = await this.client.query<Explained>(`explain (analyze, format json) ${text}`, [...values])
    await this.client.query('rollback')
    return readIn(rows, table)
  }

  /** The same by the plan that is kept for whatever values come. */
  async rowsReadAgain(text: string, values: readonly unknown[]): Promise<number> {
    await this.client.query('begin')
    await this.client.query('set local plan_cache_mode = force_generic_plan')
    await this.client.query(`prepare again as ${text}`)
    const given = values.map(literalOf).join(', ')
    const { rows } = await this.client.query<Explained>(`explain (analyze, format json) execute again (${given})`)
    await this.client.query('rollback')
    await this.client.query('deallocate again')
    return readIn(rows, 'runs')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.end()
    await this.store.close()
  }
}

interface Explained {
  readonly 'QUERY PLAN': readonly { readonly Plan: Step }[]
}

/** A text, a number, or a list of them as it stands in a statement. */
function literalOf(value: unknown): string {
  const text = Array.isArray(value) ? `{${value.map((one) => JSON.stringify(one)).join(',')}}` : String(value)
  return pg.escapeLiteral(text)
}

function readIn(explained: readonly Explained[], table: string): number {
  return explained.flatMap((row) => row['QUERY PLAN']).reduce((sum, { Plan }) => sum + readBy(Plan, table), 0)
}

/** A step of a plan that was carried out. */
interface Step {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Rows Removed by Index Recheck'?: number
  readonly Plans?: readonly Step[]
}

function readBy(step: Step, table: string): number {
  const isOfIt = step['Relation Name'] === table || (step['Index Name']?.startsWith(`${table}_`) ?? false)
  const each =
    step['Actual Rows'] + (step['Rows Removed by Filter'] ?? 0) + (step['Rows Removed by Index Recheck'] ?? 0)
  const isRead = isOfIt && step['Node Type'].endsWith('Scan')
  const below = (step.Plans ?? []).reduce((sum, child) => sum + readBy(child, table), 0)
  return below + (isRead ? each * step['Actual Loops'] : 0)
}
