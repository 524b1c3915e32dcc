// One process of a test: drives one run whose tool does what it is told to, and says on stdout what it sees.
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { type CallContext, createRuntime, defineAgent, defineTool } from '@reprise/core'
import { changedStore, scriptedModel } from '@reprise/testing'
import { z } from 'zod'
import { postgres } from './postgres.ts'

/** Blocks the event loop, or only waits, until there is a file of this name; then says that it goes on. */
const hold = defineTool({
  name: 'hold',
  description: 'Holds the run.',
  input: z.object({ how: z.enum(['block', 'wait']), until: z.string() }),
  effect: 'idempotent',
  execute: async ({ how, until }, { signal }: CallContext<unknown, (line: string) => void>) => {
    say('held')
    signal.addEventListener('abort', () => say('aborted'))
    while (!existsSync(until)) {
      if (how === 'block') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
      else await new Promise((resolve) => setImmediate(resolve))
    }
    say('let go')
    return 'let go'
  },
})

/** Sends once there is a file of this name, whatever its signal says. */
const send = defineTool({
  name: 'send',
  description: 'Sends a letter.',
  input: z.object({ until: z.string() }),
  effect: 'once',
  execute: async ({ until }, ctx: CallContext<unknown, (line: string) => void>) => {
    say('held')
    while (!existsSync(until)) await new Promise((resolve) => setImmediate(resolve))
    appendFileSync(letters(until), `${ctx.idempotencyKey}\n`)
    say('sent')
    return 'sent'
  },
  reconcile: ({ until }) => (sentBefore(until).length > 0 ? { happened: true, result: 'sent' } : { happened: false }),
})

/** The agent of both processes: one call, then the end. */
export const holder = defineAgent({ name: 'holder', model: 'm', instructions: '', tools: [hold, send] })

/** The letters that were sent, by the keys of their calls. */
export function sentBefore(until: string): string[] {
  return existsSync(letters(until)) ? readFileSync(letters(until), 'utf8').trimEnd().split('\n') : []
}

function letters(until: string): string {
  return `${until}.letters`
}

function callOf(how: string, until: string) {
  return how === 'send' ? { name: 'send', arguments: { until } } : { name: 'hold', arguments: { how, until } }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

if (import.meta.main) {
  const [url = '', schema = '', how = '', until = ''] = process.argv.slice(2)
  const store = postgres(url, { schema })
  const runtime = createRuntime({
    // A lease lasts fifteen beats: they come fast here, so that the test is short.
    store: changedStore(store, { keepAlive: (owner) => store.keepAlive(owner, 20) }),
    models: scriptedModel([{ calls: [callOf(how, until)] }, { text: 'by the first' }]),
    definitions: [holder],
    services: say,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  })
  const run = await runtime.start(holder, 'go', { id: 'r' })
  say(`outcome ${JSON.stringify(await run.outcome())}`)
  await runtime.close()
}
