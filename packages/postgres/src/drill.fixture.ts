// The drill: worker processes do runs whose effects stand outside of the database, a backup of that is taken meanwhile, the server
// is lost, and what is restored is of an earlier moment. Then each effect that may not happen twice has happened once, or a person
// was asked; what is safe to repeat went on by itself; and what was erased stays so.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Runtime } from '@reprise/core'
import { clerk, courier, type DrillPlace, drillRuntime, LETTERS, linesOf, payday } from './drill-process.fixture.ts'
import type { PostgresStore } from './postgres-store.ts'
import { Proxy } from './proxy.fixture.ts'
import { restored } from './restored.ts'
import { PostgresServer } from './server.fixture.ts'
import { asAdmin, freshSchema } from './testing.fixture.ts'

/** A way in which a database comes to be as it was earlier. */
export interface Way {
  readonly archives: boolean
  /** Takes what is restored later, while runs are worked. */
  readonly backUp: (server: PostgresServer) => Promise<Backup>
}

/** What was taken. */
export interface Backup {
  /** Makes the present moment the one that is restored. What comes after it is lost. */
  readonly mark: () => Promise<void>
  /** Starts a server as of that moment; the one before is lost by then. */
  readonly restore: () => Promise<PostgresServer>
  /** Takes away what was not restored. */
  readonly discard: () => Promise<void>
}

/** How a drill goes. */
interface DrillOptions {
  /** How many runs of each definition there are. */
  readonly runs: number
  /** The address of the database of the keys, which is not lost. */
  readonly keys: string
  /** Whether the workers live on, and find the other server behind the address that they know. */
  readonly livesOn: boolean
  /** Whether a person says that there was a restore. */
  readonly isDeclared: boolean
}

/** What came of it. */
export interface Drilled {
  /** The definitions of the runs that waited for a person. */
  readonly parked: readonly string[]
  /** Runs that a person has cancelled, since a letter was written of which their journal knows nothing. */
  readonly cancelled: number
  /** Runs that the database had lost, and that were begun again, or are left to a person since a letter was written. */
  readonly lost: number
  /** Letters that were written twice. */
  readonly doubled: readonly string[]
  /** Payments that were asked for again, by their keys. */
  readonly again: number
  /** What is not as it has to be. */
  readonly complaints: readonly string[]
  /** What workers said. */
  readonly said: readonly string[]
}

/** How often it is looked whether workers have noticed. */
const MOST_LOOKS = 1_500

const GO_ON = [clerk.name, payday.name]

/** Plays one way to its end. */
export async function drill(way: Way, options: DrillOptions): Promise<Drilled> {
  const server = await PostgresServer.start(way)
  await using stack = new AsyncDisposableStack()
  stack.defer(() => server.stop())
  const proxy = await Proxy.to(server.url())
  stack.defer(() => proxy.close())
  const folder = await mkdtemp(join(tmpdir(), 'reprise-drill-'))
  stack.defer(() => rm(folder, { recursive: true }))
  await asAdmin('create table public.booked (key text)', server.url())
  const schema = freshSchema()
  const desk = new Desk({ url: proxy.url, schema, keys: options.keys, folder }, options.runs)
  stack.defer(() => desk.end())

  await desk.open()
  for (let n = 0; n < 2; n++) await desk.start()
  await desk.beginFirst()
  await desk.letters(0.3)
  const backup = await way.backUp(server)
  stack.defer(() => backup.discard())
  await desk.letters(0.4)
  await backup.mark()
  await desk.beginLate()
  await desk.letters(0.9)
  if (!options.isDeclared && !options.livesOn) await desk.marked()
  if (!options.livesOn) await desk.kill()
  await desk.close()
  await server.lose()

  const other = await backup.restore()
  stack.defer(() => other.stop())
  if (options.isDeclared) await restored(other.url(), { schema, by: 'ana', goOn: GO_ON })
  proxy.lead(other.url())
  if (options.livesOn && !options.isDeclared) await desk.noticed()
  // All of it is there until that has come to its end.
  return await desk.goOn()
}

/** Who has the runs done: what it knows stands in no database. */
class Desk {
  readonly #place: DrillPlace
  readonly #first: readonly string[]
  readonly #late: readonly string[]
  readonly #said: string[] = []
  #workers: ChildProcess[] = []
  #opened: [PostgresStore, Runtime] | undefined

  constructor(place: DrillPlace, runs: number) {
    const named = (when: string, count: number): string[] =>
      Array.from({ length: count }, (_, n) =>
        ['courier', 'clerk', 'payday'].map((name) => `${name}-${when}-${n}`),
      ).flat()
    this.#place = place
    this.#first = named('first', runs)
    this.#late = named('late', Math.ceil(runs / 4))
  }

  async open(): Promise<void> {
    this.#opened = drillRuntime(this.#place, (line) => this.#said.push(line))
    await this.#store.owners()
  }

  async close(): Promise<void> {
    await this.#opened?.[1].close()
    await this.#opened?.[0].close()
    this.#opened = undefined
  }

  get #store(): PostgresStore {
    if (!this.#opened) throw new Error('The desk is closed.')
    return this.#opened[0]
  }

  get #runtime(): Runtime {
    if (!this.#opened) throw new Error('The desk is closed.')
    return this.#opened[1]
  }

  /** Starts a worker; resolves when it works. */
  async start(): Promise<void> {
    const { url, schema, keys, folder } = this.#place
    const program = join(import.meta.dirname, 'drill-process.fixture.ts')
    const child = spawn(process.execPath, ['--no-warnings', program, url, schema, keys, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#workers.push(child)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#said.push(...text.trim().split('\n'))
    })
    await once(child.stdout, 'data')
  }

  async kill(): Promise<void> {
    const killed = this.#workers.splice(0)
    await Promise.all(
      killed.map(async (worker) => {
        if (worker.exitCode !== null || worker.signalCode !== null) return
        worker.kill('SIGKILL')
        await once(worker, 'exit')
      }),
    )
  }

  async end(): Promise<void> {
    await this.kill()
    await this.close()
  }

  /** Begins what is under way when the backup is taken, and one run that has ended by then, and is erased later. */
  async beginFirst(): Promise<void> {
    await this.#enqueue('payday-forgotten')
    await this.#until(async () => (await this.#store.run('payday-forgotten'))?.endedAt !== null)
    for (const id of this.#first) await this.#enqueue(id)
  }

  /** What comes after the moment that is restored. */
  async beginLate(): Promise<void> {
    await this.#runtime.erase('payday-forgotten', { by: 'ana' })
    for (const id of this.#late) await this.#enqueue(id)
  }

  /** Lets so much of all letters of the first runs be written, and waits for them. */
  async letters(part: number): Promise<void> {
    const count = Math.floor((this.#first.length / 3) * LETTERS * part)
    await writeFile(join(this.#place.folder, 'allowed'), `${count}`)
    await this.#until(async () => linesOf(this.#place.folder, 'letters').length >= count)
  }

  /** Waits until workers have counted the journal's mark on: some seconds. */
  async marked(): Promise<void> {
    const asked = (): Promise<readonly { readonly mark: string }[]> =>
      asAdmin(`select mark from ${this.#place.schema}.marks`, this.#place.keys)
    const before = Number((await asked())[0]?.mark ?? 0)
    await this.#until(async () => Number((await asked())[0]?.mark ?? 0) > before + 1)
  }

  /** Gives workers that live on some time to notice by themselves, before anybody else opens the store. */
  async noticed(): Promise<void> {
    const isNoticed = (): boolean => this.#said.some((line) => line.includes('is of an earlier moment'))
    for (let looks = 0; looks < MOST_LOOKS && !isNoticed(); looks++) await wait(20)
  }

  /** Works all to its end on what was restored. */
  async goOn(): Promise<Drilled> {
    const old = this.#workers.splice(0)
    await this.open()
    for (let n = 0; n < 2; n++) await this.start()
    await writeFile(join(this.#place.folder, 'allowed'), '1000000')
    // Whoever may still write a letter is ended before a person looks who has.
    this.#workers.push(...old)
    await Promise.all(old.map((worker) => this.#stop(worker)))
    const lost = await this.#beginAgain()
    const parked = new Map<string, string>()
    let cancelled = 0
    await this.#until(async () => {
      const open = (await this.#store.runs({ limit: 10_000 })).filter(({ endedAt }) => endedAt === null)
      for (const { id, name, waiting } of open) {
        if (waiting?.kind === 'in-doubt') await this.#settleDoubt(id, waiting.id, waiting.key)
        if (waiting?.kind !== 'quarantined' || parked.has(id)) continue
        parked.set(id, name)
        if (await this.#hasUnknownLetter(id)) {
          cancelled++
          await this.#runtime.cancel(id, 'its letter is written')
        } else await this.#runtime.unquarantine(id, { by: 'ana' })
      }
      return open.length === 0
    })
    const complaints = await this.#look()
    for (const worker of this.#workers.splice(0)) await this.#stop(worker)
    return {
      parked: [...new Set(parked.values())],
      cancelled,
      lost,
      doubled: twice(linesOf(this.#place.folder, 'letters')),
      again: twice(linesOf(this.#place.folder, 'payments')).length,
      complaints,
      said: this.#said.filter((line) => line !== 'ready'),
    }
  }

  /** Begins what the desk has on its list and the journal has not; but not what has written a letter. */
  async #beginAgain(): Promise<number> {
    let lost = 0
    for (const id of this.#late) {
      if (await this.#store.run(id)) continue
      lost++
      if (this.#lettersOf(id).length === 0) await this.#enqueue(id)
    }
    return lost
  }

  async #settleDoubt(runId: string, id: string, key: string): Promise<void> {
    const happened = this.#lettersOf(runId).includes(key)
    await this.#runtime.settleDoubt(runId, id, happened ? { happened, result: 'written' } : { happened }, 'ana')
  }

  async #hasUnknownLetter(runId: string): Promise<boolean> {
    const intended = new Set(
      (await this.#store.entries(runId)).flatMap((e) => (e.kind === 'call.intended' ? [e.key] : [])),
    )
    return this.#lettersOf(runId).some((key) => !intended.has(key))
  }

  /** The keys of the calls of a run by which letters were written. */
  #lettersOf(runId: string): readonly string[] {
    const lines = linesOf(this.#place.folder, 'letters').filter((line) => line.startsWith(`${runId}/`))
    return lines.map((line) => line.slice(runId.length + 1))
  }

  /** What is not as it has to be, when all has ended. */
  async #look(): Promise<readonly string[]> {
    const complaints: string[] = []
    const ids = [...this.#first, ...this.#late]
    const rows = new Map((await this.#store.runs({ limit: 10_000 })).map((row) => [row.id, row]))
    const booked = await asAdmin<{ readonly key: string }>('select key from public.booked', this.#place.url)
    const keys = new Set([...booked.map(({ key }) => key), ...linesOf(this.#place.folder, 'payments')])
    for (const line of twice(booked.map(({ key }) => key))) complaints.push(`${line} is booked twice`)
    for (const id of ids) {
      const row = rows.get(id)
      const effects = id.startsWith('courier')
        ? this.#lettersOf(id).length
        : [...keys].filter((key) => key.startsWith(`${id}/`)).length
      // What a person has ended, or has not begun again, since a letter was written.
      const isByHand = id.startsWith('courier') && (row === undefined || row.status === 'cancelled')
      if (!isByHand && row?.status !== 'completed') complaints.push(`${id} is ${row?.status ?? 'lost'}`)
      if (isByHand ? effects === 0 : effects < LETTERS) complaints.push(`${id} has had ${effects} effects`)
      if (row?.status !== 'completed') continue
      const { status } = await this.#runtime.replay(id)
      if (status !== 'matched') complaints.push(`the replay of ${id} is ${status}`)
    }
    const read: unknown = await this.#store.entries('payday-forgotten').catch((thrown: unknown) => thrown)
    if (!(read instanceof Error && 'code' in read && read.code === 'run_erased'))
      complaints.push('what was erased is back')
    return complaints
  }

  async #enqueue(id: string): Promise<void> {
    if (id.startsWith('courier')) await this.#runtime.enqueue(courier, 'go', { id })
    else if (id.startsWith('clerk')) await this.#runtime.enqueue(clerk, 'go', { id })
    else await this.#runtime.enqueue(payday, {}, { id })
  }

  async #stop(worker: ChildProcess): Promise<void> {
    if (worker.exitCode !== null || worker.signalCode !== null) return
    worker.kill('SIGTERM')
    await once(worker, 'exit')
  }

  /** Other processes work, and there is no clock of ours to move. */
  async #until(isTrue: () => Promise<boolean>): Promise<void> {
    while (!(await isTrue())) await wait(20)
  }
}

function twice(lines: readonly string[]): string[] {
  return lines.filter((line, index) => lines.indexOf(line) !== index)
}
