// Lets a model make the calls of a task in many orders, and holds what came of it against the judge: what was run, what was
// refused, and what stands in the shop afterwards.
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRuntime, type Entry, type JsonObject } from '@reprise/core'
import { sqlite } from '@reprise/store'
import { scriptedModel } from '@reprise/testing'
import { readPolicy, readTables, type Task } from '../data.ts'
import { Shop } from '../shop/shop.ts'
import { makeTemplate } from '../shop/template.ts'
import { changedRows } from '../trial/changed-rows.ts'
import { type Call, callsOf, emissionsOf } from './emissions.ts'
import { Judge } from './judge.ts'
import { type RuledAgent, ruledAgent } from './ruled-agent.ts'

/** What was counted of one or more tasks. */
export interface Counted {
  /** Orders in which the calls of a task were made: one call a reply, or all in one. */
  runs: number
  calls: number
  /** Calls that were run. */
  ran: number
  /** Calls that a rule refused. */
  refused: number
  /** Changes that stand in the shop's ledger. */
  changes: number
  /** Tasks of which all calls were run in some order. */
  whole: number
  readonly wrong: string[]
}

/** Nothing yet. */
export function nothingCounted(): Counted {
  return { runs: 0, calls: 0, ran: 0, refused: 0, changes: 0, whole: 0, wrong: [] }
}

/** How the calls of a run are made. */
interface Emission {
  readonly calls: readonly Call[]
  readonly atOnce: boolean
}

/** Tries tasks in all orders. To be closed. */
export class OrderTrial {
  readonly #folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tau-order-'))
  readonly #template = join(this.#folder, 'template.db')
  readonly #tables = readTables()
  readonly #agent: RuledAgent

  private constructor(agent: RuledAgent) {
    this.#agent = agent
  }

  /** Loads the shop. @param agent to be tried: the one under rules. */
  static async open(agent = ruledAgent(readPolicy())): Promise<OrderTrial> {
    const trial = new OrderTrial(agent)
    await makeTemplate(trial.#template, trial.#tables)
    return trial
  }

  close(): void {
    rmSync(this.#folder, { recursive: true })
  }

  /**
   * Tries one task.
   *
   * @param every takes each so-manieth order alone. @default 1
   */
  async try(task: Task, counted: Counted, every = 1): Promise<void> {
    const path = join(this.#folder, `task-${task.task}.db`)
    copyFileSync(this.#template, path)
    const file = sqlite(path, { durability: 'process' })
    const shop = new Shop(file, path)
    const emissions = new Map<string, Emission>()
    const runtime = createRuntime({
      store: file,
      models: scriptedModel(({ runId, items }) => {
        const { calls, atOnce } = emissions.get(runId) ?? { calls: [], atOnce: false }
        const told = items.filter(({ kind }) => kind === 'result').length
        const next = atOnce ? (told === 0 ? calls : []) : calls.slice(told, told + 1)
        return next.length > 0 ? { calls: next } : { text: 'Done.' }
      }),
      definitions: [this.#agent],
      services: { shop },
    })
    const all = callsOf(task, this.#tables)
    const before = counted.ran
    const isWhole = { ofOne: false }
    try {
      for (const [at, calls] of emissionsOf(all, task.task).entries()) {
        // The orders that a reply has them in are tried in every other: the runtime puts them into its own.
        for (const atOnce of at % 2 === 0 ? [false, true] : [false]) {
          if (at % every !== 0 || (atOnce && calls.length < 2)) continue
          const id = `${at}${atOnce ? '-at-once' : ''}`
          emissions.set(id, { calls, atOnce })
          const done = shop.ledger().length
          const run = await runtime.start(this.#agent, task.instruction, { id })
          const outcome = await run.outcome()
          const judged = this.#judge(await runtime.runs.entries(id), atOnce)
          const keys = shop
            .ledger()
            .slice(done)
            .map(({ key }) => key)
          const where = `task ${task.task}, ${atOnce ? 'at once' : 'one by one'}: ${calls.map(({ name }) => name).join(', ')}`
          const wrong = [
            ...judged.wrong,
            ...keys.flatMap((key) =>
              judged.ran.has(key.slice(id.length + 1)) ? [] : `${key} changed the shop and was not run`,
            ),
            ...(outcome.kind === 'completed' ? [] : [`the run ended as ${outcome.kind}`]),
            ...(judged.ran.size + judged.refused === calls.length ? [] : ['not each call was run or refused']),
          ]
          counted.wrong.push(...wrong.map((complaint) => `${where}: ${complaint}`))
          counted.runs++
          counted.calls += calls.length
          counted.ran += judged.ran.size
          counted.refused += judged.refused
          counted.changes += keys.length
          isWhole.ofOne ||= judged.refused === 0 && new Set(calls).size === all.length
          this.#putBack(shop, calls)
        }
      }
      counted.whole += isWhole.ofOne ? 1 : 0
      if (counted.ran === before) counted.wrong.push(`task ${task.task}: nothing was run in any order`)
    } finally {
      await runtime.close()
      await file.close()
      shop.close()
    }
    const changed = changedRows(path, this.#template)
    if (Object.keys(changed).length > 0) counted.wrong.push(`task ${task.task}: ${JSON.stringify(changed)} was changed`)
    rmSync(path)
  }

  /** Goes through a run as it is recorded. */
  #judge(
    entries: readonly Entry[],
    atOnce: boolean,
  ): { readonly ran: Set<string>; readonly refused: number; readonly wrong: string[] } {
    const judge = new Judge()
    const calls = new Map<string, Call>()
    const judged = new Set<string>()
    const ran = new Set<string>()
    const refused: Call[] = []
    const wrong: string[] = []
    const mustAllow = (key: string, { name, arguments: args }: Call): void => {
      judged.add(key)
      const why = judge.forbids(name, args)
      if (why !== undefined) wrong.push(`${name} was run, and ${why}`)
    }
    for (const entry of entries) {
      if (entry.kind === 'model.replied') {
        const made = entry.body.reply.items.filter((item) => item.kind === 'call')
        for (const [at, item] of made.entries())
          calls.set(`${entry.key}/call:${at}`, {
            name: item.name,
            arguments: JSON.parse(item.arguments) as JsonObject,
          })
      }
      const call = calls.get(entry.key)
      if (!call) continue
      if (entry.kind === 'call.judged' && entry.body.allowed) mustAllow(entry.key, call)
      if (entry.kind === 'call.judged' && !entry.body.allowed) {
        refused.push(call)
        if (judge.forbids(call.name, call.arguments) === undefined)
          wrong.push(`${call.name} was refused, and is allowed`)
      }
      if (entry.kind !== 'call.returned' && entry.kind !== 'call.failed') continue
      if (!judged.has(entry.key)) mustAllow(entry.key, call)
      ran.add(entry.key)
      if (entry.kind === 'call.returned') judge.hear(call.name, entry.body.result)
    }
    // Of calls in one reply none is refused that would have been allowed after the others.
    for (const { name, arguments: args } of atOnce ? refused : [])
      if (judge.forbids(name, args) === undefined) wrong.push(`${name} was refused, and is allowed after the others`)
    return { ran, refused: refused.length, wrong }
  }

  /** Puts the rows back that the calls may have changed. */
  #putBack({ rows }: Shop, calls: readonly Call[]): void {
    const { orders, users } = this.#tables
    for (const { arguments: args } of calls) {
      const order = orders[textIn(args, 'order_id')]
      const userId = order?.user_id ?? textIn(args, 'user_id')
      const user = users[userId]
      if (order) rows.putOrder(order)
      if (user) rows.putUser(userId, user)
    }
  }
}

/** An argument that is text; '' where there is none. */
function textIn(args: JsonObject, name: string): string {
  const value = args[name]
  return typeof value === 'string' ? value : ''
}
