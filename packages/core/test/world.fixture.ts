// A small world for tests: tools of every effect over a ledger that outlives crashes.
import { Crash, memoryStore, type ScriptedAnswer, scriptedModel } from '@reprise/testing'
import { z } from 'zod'
import {
  type CallContext,
  createRuntime,
  defineAgent,
  defineTool,
  type Entry,
  type Model,
  type ModelRequest,
  type Store,
} from '../src/index.ts'

/** What happened outside: one line an effect, in their order. */
export interface World {
  readonly effects: string[]
  /** Throws the next times that a tool of this name runs. */
  readonly failures: Map<string, Error[]>
}

/** A world in which nothing has happened. */
export function newWorld(): World {
  return { effects: [], failures: new Map() }
}

type Ctx = CallContext<unknown, World>

function touch(name: string, argument: string, { services, idempotencyKey }: Ctx): void {
  const failure = services.failures.get(name)?.shift()
  if (failure) throw failure
  services.effects.push(`${name} ${argument} ${idempotencyKey}`)
}

const input = z.object({ id: z.string() })

export const look = defineTool({
  name: 'look',
  description: 'Looks something up.',
  input,
  effect: 'read',
  execute: ({ id }, ctx: Ctx) => {
    touch('look', id, ctx)
    return { id, price: 12 }
  },
})

export const pay = defineTool({
  name: 'pay',
  description: 'Pays something back.',
  input: z.object({ id: z.string(), usd: z.number().optional() }),
  effect: 'idempotent',
  execute: ({ id, usd }, ctx: Ctx) => {
    touch('pay', `${id} ${usd ?? 'all'}`, ctx)
    return `paid ${id}`
  },
})

export const mail = defineTool({
  name: 'mail',
  description: 'Sends a letter.',
  input,
  effect: 'once',
  execute: ({ id }, ctx: Ctx) => {
    touch('mail', id, ctx)
    return `sent ${id}`
  },
})

/** The agent that most tests run. */
export const clerk = defineAgent({
  name: 'clerk',
  model: 'gpt-4.1-mini',
  instructions: 'Serve the customer.',
  tools: [look, pay, mail],
})

/** A call of a script, in short. */
export function call(name: string, id: string): { name: string; arguments: { id: string } } {
  return { name, arguments: { id } }
}

/** Answers by the place in the conversation, so that a model made anew after a crash goes on where it was. */
export function byTurn(answers: readonly ScriptedAnswer[]): Model & { readonly requests: number } {
  return scriptedModel((request) => answers[repliesIn(request)] ?? { text: 'done' })
}

function repliesIn({ items }: ModelRequest): number {
  // A reply begins where a model's item follows something that is not the model's.
  const own = items.map(({ kind }) => kind === 'assistant' || kind === 'call' || kind === 'refusal')
  return own.filter((mine, index) => mine && !own[index - 1]).length
}

/** A runtime with the clerk in a world. */
export function clerkRuntime(model: Model, world: World, store: Store = memoryStore(), random = (): number => 0) {
  return createRuntime({ store, models: model, definitions: [clerk], services: world, random })
}

/** Entries as `kind key`, for whole-list assertions. */
export function outline(entries: readonly Entry[]): string[] {
  return entries.map(({ kind, key, attempt }) => `${kind} ${key}${attempt > 1 ? ` #${attempt}` : ''}`)
}

/** A model that never answers, and heeds its signal. */
export const hanging: Model = {
  async *ask(_request, signal) {
    await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
    yield { kind: 'text', delta: '' }
  },
}

/** Lives a life of a process, whose store may crash, to its end, and closes its runtime: undefined where it crashed. */
export async function untilCrash<T>(
  runtime: { close(): Promise<void> },
  live: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await live()
  } catch (error) {
    if (!(error instanceof Crash)) throw error
    return undefined
  } finally {
    await runtime.close()
  }
}
