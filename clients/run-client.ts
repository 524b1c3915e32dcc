import { setTimeout } from 'node:timers/promises'
import { fakeOpenAI } from '@reprise/fake-openai'
import { heldToDescription } from './described.ts'
import { tap } from './tap.ts'
import { worldly } from './world.ts'

/** What came of one client's cases. */
export interface Outcome {
  readonly cases: number
  /** Cases of which something was wrong. */
  readonly failed: number
  readonly requests: number
  /** Whole answers, and events of streams, that were held to the platform's description. */
  readonly answers: number
  readonly events: number
  readonly complaints: readonly string[]
}

type Case = (baseURL: string) => Promise<void>

/** A case that takes longer hangs. */
const MOST_MS = 60_000

/** Lets a client do all that its driver has, each case with a fake of its own. */
export async function runClient(driver: string): Promise<Outcome> {
  stayHere()
  // A driver exports its cases by name; what it imports is installed apart, and untyped here.
  const { cases } = (await import(`./drivers/${driver}.mjs`)) as { readonly cases: Readonly<Record<string, Case>> }
  const outcomes: Omit<Outcome, 'cases' | 'failed'>[] = []
  for (const [name, run] of Object.entries(cases)) outcomes.push(await runCase(`${driver}, ${name}`, run))
  const sum = (field: 'requests' | 'answers' | 'events') => outcomes.reduce((sum, outcome) => sum + outcome[field], 0)
  return {
    cases: outcomes.length,
    failed: outcomes.filter(({ complaints }) => complaints.length > 0).length,
    requests: sum('requests'),
    answers: sum('answers'),
    events: sum('events'),
    complaints: outcomes.flatMap(({ complaints }) => complaints),
  }
}

async function runCase(name: string, run: Case): Promise<Omit<Outcome, 'cases' | 'failed'>> {
  await using fake = await fakeOpenAI(worldly)
  await using tapped = await tap(fake.url)
  const complaints: string[] = []
  await Promise.race([run(tapped.url), timeOut()]).catch((error: unknown) => {
    const last = tapped.exchanges.at(-1)
    const refused = last && last.status >= 400 ? `\n${last.sent.slice(0, 2_000)}\n${last.status} ${last.answer}` : ''
    complaints.push(`${String(error)}${refused}`)
  })
  if (tapped.exchanges.length === 0) complaints.push('It asked nobody.')
  const held = tapped.exchanges.map(heldToDescription)
  complaints.push(...held.flatMap((each) => each.complaints))
  return {
    requests: held.length,
    answers: held.reduce((sum, { answers }) => sum + answers, 0),
    events: held.reduce((sum, { events }) => sum + events, 0),
    complaints: complaints.map((complaint) => `${name}: ${complaint}`),
  }
}

/** Nothing that a client does leaves this machine: not what it reports of its use, nor a list of models. */
function stayHere(): void {
  process.env['MASTRA_TELEMETRY_DISABLED'] = '1'
  const ask = globalThis.fetch
  globalThis.fetch = (to, init) => {
    const { hostname } = new URL(to instanceof Request ? to.url : to)
    return hostname === '127.0.0.1' ? ask(to, init) : Promise.reject(new TypeError(`${hostname} is not asked here.`))
  }
}

async function timeOut(): Promise<never> {
  await setTimeout(MOST_MS, undefined, { ref: false })
  throw new Error(`It took longer than ${MOST_MS / 1000} s.`)
}
