// Runs that say what a journal of release 0.2 can say and one of 0.1 could not, beside all those of 0.1 as today's code
// records them. Once 0.2 is out, neither this file nor golden/0.2.db.gz changes any more.
import {
  agentTool,
  type AnyDefinition,
  askConfirmation,
  type Author,
  createRuntime,
  defineAgent,
  defineTeam,
  defineTool,
  defineWorkflow,
  handoff,
  memory,
  ModelError,
  type RunHandle,
  type Runtime,
  type Store,
  withParts,
} from '@reprise/core'
import { crashing, type ManualClock, manualClock, scriptedModel } from '@reprise/testing'
import { z } from 'zod'
import type { SqliteStore } from '../index.ts'
import { passing, release01 } from './release-0.1.fixture.ts'

const input = z.object({ id: z.string() })

/** What JSON cannot say as it is. */
const odd = { n: 5n, at: new Date(0), no: Number.NaN, list: [undefined] }

const peculiar = defineTool({
  name: 'peculiar',
  description: 'Gives what is no JSON.',
  input,
  effect: 'once',
  execute: () => odd,
  reconcile: () => ({ happened: true, result: odd }),
})
const endless = defineTool({
  name: 'endless',
  description: 'Does not end.',
  input,
  effect: 'once',
  execute: () => new Promise<string>(() => undefined),
})
const failing = defineTool({
  name: 'failing',
  description: 'Takes too long, and may have happened.',
  input,
  effect: 'idempotent',
  timeoutMs: 100,
  retry: { attempts: 1 },
  execute: () => new Promise<string>(() => undefined),
})
let stamps = 0
const stamped = defineTool({
  name: 'stamped',
  description: 'Is given another stamp each time.',
  input: z.object({ id: z.string(), stamp: z.number().default(() => ++stamps) }),
  effect: 'idempotent',
  approval: ({ stamp }) => stamp < 0,
  execute: ({ id }) => `stamped ${id}`,
})
const colour = defineTool({
  name: 'colour',
  description: 'Asks for a colour.',
  external: true,
  input,
  output: z.string(),
  timeoutMs: 60_000,
})
const grant = defineTool({
  name: 'grant',
  description: 'Grants something.',
  input,
  effect: 'idempotent',
  approval: true,
  approvers: 2,
  execute: ({ id }) => `granted ${id}`,
})
const photo = defineTool({
  name: 'photo',
  description: 'Shows a picture and a file.',
  input,
  output: z.object({ of: z.string(), at: z.number().default(0) }),
  effect: 'read',
  execute: ({ id }) =>
    withParts({ of: id }, [
      { kind: 'text', text: 'From the front:' },
      { kind: 'image', url: 'https://shop.example/1.png', detail: 'low' },
      { kind: 'file', fileId: 'file-1', name: 'bill.pdf' },
    ]),
})
const people = defineAgent({
  name: 'people',
  model: 'm',
  instructions: 'Ask people.',
  tools: [colour, grant, askConfirmation(grant), photo],
})
const oddity = defineAgent({
  name: 'oddity',
  model: 'm',
  instructions: 'Be odd.',
  tools: [peculiar, endless, failing, stamped],
})
const oddSteps = defineWorkflow({
  name: 'odd-steps',
  input: z.null(),
  run: async (ctx) => {
    await ctx.step('odd', () => odd)
    await ctx.race([(branch) => branch.sleep(1_000), (branch) => branch.sleep(2_000)])
    return 'done'
  },
})

const keeper = defineAgent({
  name: 'keeper',
  model: 'm',
  instructions: 'Keep it.',
  memory: memory({ scope: 'user', key: 'id', schema: input }),
})

const asking = defineWorkflow({ name: 'asking', input: z.null(), run: (ctx) => ctx.agent(oddity, 'Go on.') })

const closer = defineAgent({ name: 'closer', model: 'm', instructions: 'Close.' })
const opener = defineAgent({
  name: 'opener',
  model: 'm',
  instructions: 'Open.',
  tools: [agentTool(closer, { name: 'ask_closer', description: 'Asks the closer.' })],
  budget: { totalTurns: 9 },
})
const relay = defineTeam({
  name: 'relay',
  entry: opener,
  handoffs: [[opener, [handoff(closer, { payload: input, history: 'summary' })]]],
})

const definitions: readonly AnyDefinition[] = [
  ...release01.definitions,
  oddity,
  oddSteps,
  asking,
  people,
  keeper,
  opener,
  closer,
  relay,
]

/** The first reply of each run that calls anything. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  odd: ['peculiar', 'failing', 'stamped'],
  'odd-doubted': ['peculiar'],
  'left-running': ['endless'],
  remembered: ['remember'],
  relayed: ['transfer_to_closer'],
  sharing: ['ask_closer'],
  people: ['colour', 'grant', 'confirm_grant', 'colour', 'photo'],
  'people-late': ['colour', 'grant'],
}

/** The child of the run that goes on with a fork of it. */
const CHILD = 'rewound/agent:oddity'

/** Its key is missing, and its service is busy for ten minutes, until both are mended. */
function open(store: Store, clock: ManualClock, isMended: boolean, known = definitions): Runtime {
  const models = scriptedModel(({ runId, card, items }) => {
    if ((runId === 'keyless' || runId === CHILD) && !isMended)
      return new ModelError({ code: 'unauthorized', message: 'There is no such key.', mendable: true })
    if (runId === 'told-to-wait' && !isMended)
      return new ModelError({ code: 'busy', message: 'Busy.', retryable: true, retryAfterMs: 600_000 })
    const calls = items.length === 1 && card.agent !== 'closer' ? (CALLS[runId] ?? []) : []
    return calls.length > 0
      ? { calls: calls.map((name) => ({ name, arguments: { id: 'a', task: 'Close.' } })) }
      : { text: 'done' }
  })
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const options = { models, definitions: known, clock, random: () => 0, log, services: {} }
  return createRuntime({ ...options, store: unclosed(store) })
}

/** The same store, which a runtime does not close. */
function unclosed(store: Store): Store {
  return new Proxy(store, {
    get(target, key) {
      if (key === 'close') return () => Promise.resolve()
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

async function record(store: SqliteStore, encrypted: boolean): Promise<void> {
  await release01.record(store, encrypted)
  const clock = manualClock({ now: Date.UTC(2026, 10, 25, 13) })
  const runtime = open(store, clock, false)
  const rest = async (started: Promise<RunHandle<unknown>>) => passing(clock, (await started).outcome())
  await rest(runtime.start(oddity, 'Go on.', { id: 'odd' }))
  await rest(runtime.start(oddSteps, null, { id: 'odd-steps' }))
  await rest(runtime.start(relay, 'Go on.', { id: 'relayed' }))
  await rest(runtime.start(opener, 'Go on.', { id: 'sharing' }))

  await rest(runtime.start(keeper, 'Keep it.', { id: 'remembered', user: 'ann' }))
  await rest(runtime.start(keeper, 'What is known?', { id: 'reminded', user: 'ann' }))

  const [ana, ben] = ['ana', 'ben'].map((id) => ({ id, source: 'oidc' })) as [Author, Author]
  await rest(runtime.start(people, 'Go on.', { id: 'people' }))
  await rest(runtime.answer('people/agent:0/turn:0/call:0', 'blue', { by: ana }))
  await rest(runtime.answer('people/agent:0/turn:0/call:2', { confirmed: true }, { by: 'ana' }))
  await rest(runtime.approve('people', 'agent:0/turn:0/call:1', { by: ana, arguments: { id: 'b' } }))
  await rest(runtime.approve('people', 'agent:0/turn:0/call:1#2', { by: ben }))
  await rest(runtime.start(people, 'Go on.', { id: 'people-late' }))
  await rest(runtime.reject('people-late', 'agent:0/turn:0/call:1', { by: ben }))
  await clock.advance(60_000)
  await rest(runtime.resume('people-late'))

  // It dies when the call was made and its result is not written.
  const mortal = open(crashing(store, { at: 3, side: 'before' }), clock, false)
  await rest(mortal.start(oddity, 'Go on.', { id: 'odd-doubted' }))
  await passing(clock, mortal.close())
  await rest(runtime.resume('odd-doubted'))

  // It leaves what waits of the others.
  const working = open(store, clock, false, [oddity])
  const worker = working.work({ concurrency: 1 })
  await working.enqueue(oddity, 'Go on.', { id: 'told-to-wait' })
  while ((await store.run('told-to-wait'))?.waiting?.kind !== 'retry') await clock.advance(250)
  await passing(clock, worker.stop())
  await passing(clock, working.close())

  await rest(runtime.start(oddity, 'Go on.', { id: 'keyless' }))
  await rest(runtime.start(asking, null, { id: 'rewound' }))
  const edit = [
    { kind: 'input', input: 'Stop.' },
    { kind: 'instructions', instructions: 'Be even.' },
    { kind: 'model', model: 'n' },
  ] as const
  await rest(runtime.fork(CHILD, { at: 1, id: 'edited', effects: 'live', edit }))
  await rest(runtime.rewind('rewound', { from: CHILD, to: 'edited', by: 'ana' }))
  const session = runtime.session('chat', { agent: oddity, user: 'ann' })
  for (const id of ['odd', 'more']) await rest(session.send('Go on.', { id, by: 'ann' }))
  await runtime.start(oddity, 'Go on.', { id: 'left-running' })
  while ((await store.entries('left-running')).length < 3) await clock.advance(0)
  await passing(clock, runtime.close())
}

/** The runs that 0.1 did not have. */
const newRuns = [
  'odd agent completed',
  'odd-steps workflow completed',
  'remembered agent completed',
  'reminded agent completed',
  'people agent waiting',
  'people-late agent completed',
  'odd-doubted agent completed',
  'relayed team completed',
  'sharing agent completed',
  'sharing/agent:0/turn:0/call:0 agent completed',
  'told-to-wait agent waiting',
  'keyless agent waiting',
  'rewound workflow completed',
  `${CHILD} agent cancelled`,
  'edited agent completed',
  'chat/odd agent completed',
  'chat/more agent completed',
  'left-running agent waiting',
]

async function goOn(store: SqliteStore, encrypted: boolean): Promise<readonly string[]> {
  const charged = await release01.goOn(store, encrypted)
  const clock = manualClock({ now: Date.UTC(2026, 11, 2) })
  const runtime = open(store, clock, true)
  const rest = async (taken: Promise<RunHandle<unknown>>) => passing(clock, (await taken).outcome())
  for (const id of ['keyless', 'told-to-wait', 'left-running', 'people']) await rest(runtime.resume(id))
  await rest(runtime.settleDoubt('left-running', 'agent:0/turn:0/call:0', { happened: true, result: 'ended' }, 'ana'))
  await passing(clock, runtime.close())
  return charged
}

/** Release 0.2. */
export const release02 = {
  name: '0.2',
  definitions,
  runs: [...release01.runs, ...newRuns],
  encryptedRuns: release01.encryptedRuns,
  record,
  goOn,
  stores: [
    { file: '0.2', encrypted: false, options: {} },
    { file: '0.2-encrypted', encrypted: true, options: release01.stores[1].options },
  ],
} as const
