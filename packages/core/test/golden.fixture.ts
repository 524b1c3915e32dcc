// What the tests of golden files export, and how they read it.
import { memoryStore } from '@reprise/testing'
import { z } from 'zod'
import { defineSignal, defineWorkflow, messageOf, RepriseError, type Store } from '../src/index.ts'
import { echo, runtimeOf } from './flow.fixture.ts'
import { byTurn, call, clerk, clerkRuntime, newWorld } from './world.fixture.ts'

export const review = defineSignal({ name: 'review', payload: z.object({ again: z.boolean() }) })

/** Asks an agent, waits, and goes on as another run until nobody wants that. */
export const rounds = defineWorkflow({
  name: 'rounds',
  input: z.number(),
  async run(ctx, round): Promise<string> {
    const said = await ctx.agent(echo, `round ${round}`)
    const { again } = await ctx.receive(review)
    return again ? ctx.continueAs(round + 1) : said
  },
})

export async function textOf(lines: AsyncIterable<string>): Promise<string> {
  const all: string[] = []
  for await (const line of lines) all.push(line)
  return all.join('')
}

export function parsed(text: string): Record<string, unknown>[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

export function runsIn(text: string): unknown[] {
  return parsed(text).flatMap(({ run }) => run ?? [])
}

/** A store with a clerk's run that has ended: its text has the signs at which Node's readline begins another line. */
export async function served(id = 'r', store = memoryStore()): Promise<Store> {
  const answers = [{ calls: [call('look', 'a'), call('pay', 'a')] }, { text: 'paid\u2028and \u2029done' }]
  await using runtime = clerkRuntime(byTurn(answers), newWorld(), store)
  await (await runtime.start(clerk, 'go', { id, tags: ['golden'] })).result()
  return store
}

/** A store in which the second round waits. */
export async function waiting(): Promise<Store> {
  const store = memoryStore()
  await using runtime = runtimeOf([rounds], store)
  const run = await runtime.start(rounds, 1, { id: 'w' })
  await run.outcome()
  await runtime.send('w', review, { again: true })
  await run.outcome()
  return store
}

export function exported(
  store: Store,
  what: Parameters<ReturnType<typeof runtimeOf>['export']>[0] = {},
): Promise<string> {
  return textOf(runtimeOf([rounds], store).export(what))
}

export async function errorOf(promise: Promise<unknown>): Promise<{ code: string; message: string; details: unknown }> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!RepriseError.is(error)) throw new Error(`It was not refused: ${messageOf(error)}`)
  return { code: error.code, message: error.message, details: error.details }
}
