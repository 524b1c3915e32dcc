// Runs that stand for all: tools of each effect, and all that a team and a workflow can do. Both proofs run them.
import {
  after,
  agentTool,
  type AnyDefinition,
  atMost,
  type CallContext,
  defineAgent,
  defineSignal,
  defineTeam,
  defineTool,
  defineWorkflow,
  type Item,
  type ModelReply,
  type ModelRequest,
  type ReplyItem,
  type Rule,
  type StepContext,
  TimedOutError,
  type Tool,
  type WorkflowContext,
} from '@reprise/core'
import { z } from 'zod'
import type { Outside } from './outside.ts'
import { callsAt, type Story } from './story.ts'
import { widerDefinitions, widerParts, widerStories } from './wider-stories.ts'

type Ctx = CallContext<unknown, Outside>

const input = z.object({ id: z.string() })
/** What fails by chance is tried until it is done. */
const retry = { attempts: 20, baseMs: 200, maxMs: 4_000 }
/** What takes longer leaves a `once` call in doubt. */
const timeoutMs = 4_000

const look = defineTool({
  name: 'look',
  description: 'Looks.',
  input,
  effect: 'read',
  retry,
  execute: ({ id }, ctx: Ctx) => ctx.services.do('look', ctx, id),
})
const pay = defineTool({
  name: 'pay',
  description: 'Pays.',
  input,
  effect: 'idempotent',
  retry,
  execute: ({ id }, ctx: Ctx) => ctx.services.do('pay', ctx, id),
})
const grant = defineTool({
  name: 'grant',
  description: 'Pays what somebody must allow.',
  input,
  effect: 'idempotent',
  retry,
  approval: true,
  execute: ({ id }, ctx: Ctx) => ctx.services.do('pay', ctx, id),
})
const permit = defineTool({
  name: 'permit',
  description: 'Pays what somebody must allow in time.',
  input,
  effect: 'idempotent',
  retry,
  approval: true,
  approvalTimeoutMs: 8_000,
  execute: ({ id }, ctx: Ctx) => ctx.services.do('pay', ctx, id),
})
const book = defineTool({
  name: 'book',
  description: 'Books.',
  input,
  effect: 'transactional',
  execute: ({ id }, ctx: Ctx) => ctx.services.book(ctx, id),
})
const mail = defineTool({
  name: 'mail',
  description: 'Mails.',
  input,
  effect: 'once',
  timeoutMs,
  execute: ({ id }, ctx: Ctx) => ctx.services.do('mail', ctx, id),
})
const post = defineTool({
  name: 'post',
  description: 'Posts.',
  input,
  effect: 'once',
  timeoutMs,
  execute: ({ id }, ctx: Ctx) => ctx.services.do('post', ctx, id),
  reconcile: ({ id }, ctx: Ctx) => ctx.services.reconcile(ctx, `post ${id}`),
})

/** What each agent calls, reply by reply of the conversation; then it answers with its name. */
const parts: Readonly<Record<string, readonly (readonly string[])[]>> = {
  reader: [['look a', 'look b'], ['look c']],
  payer: [['pay a'], ['pay b', 'pay c']],
  booker: [['book a'], ['book b', 'book c']],
  mailer: [['mail a'], ['mail b', 'mail c']],
  poster: [['post a'], ['post b', 'post c']],
  juggler: [
    ['pay a', 'look a', 'book a', 'post a', 'mail a', 'book b'],
    ['pay b', 'look b'],
  ],
  petitioner: [['grant a', 'pay b']],
  hopeful: [['permit a', 'grant b', 'pay c'], ['pay d']],
  front: [['look a', 'transfer_to_back']],
  back: [[], ['pay a']],
  asker: [['ask a', 'pay b']],
  superior: [['ask a', 'grant b']],
}

/** What the model says to a request: its answer depends on the conversation alone. */
export function answer({ card, items }: ModelRequest): ModelReply {
  const turn = repliesIn(items)
  const calls = (parts[card.agent] ?? widerParts[card.agent])?.[turn] ?? []
  const said: ReplyItem[] = calls.map((call, ordinal) => {
    const [name = '', id = ''] = call.split(' ')
    const given = name === 'ask' || name === 'tell' ? { task: id } : name === 'transfer_to_back' ? {} : { id }
    return { kind: 'call', callId: `call_${turn}_${ordinal}`, name, arguments: JSON.stringify(given) }
  })
  if (said.length === 0) said.push({ kind: 'assistant', text: [card.agent, ...items.flatMap(refusal)].join(', ') })
  const usage = { inputTokens: 100 + items.length, cachedTokens: turn, outputTokens: 7, reasoningTokens: 0 }
  return { items: said, finish: 'stop', model: 'scripted', usage, costNano: 1_000 + items.length }
}

/** What the model hears of a call that was not made, in a word. */
function refusal(item: Item): string | readonly string[] {
  if (item.kind !== 'result' || !item.output.startsWith('Not executed')) return []
  return item.output.includes('nobody allowed') ? 'unheard' : 'refused'
}

function repliesIn(items: readonly Item[]): number {
  const own = items.map(({ kind }) => kind === 'assistant' || kind === 'call')
  return own.filter((mine, index) => mine && !own[index - 1]).length
}

type DoingTool =
  | Tool<string, { id: string }, string, unknown, Outside>
  | Tool<string, { readonly task: string }, string, undefined, Outside>

function agent(name: string, tools: readonly DoingTool[], rules: readonly Rule[] = []) {
  return defineAgent({ name, model: 'm', instructions: `You are the ${name}.`, tools, rules, retry })
}

const reader = agent('reader', [look])
const payer = agent('payer', [pay])
const booker = agent('booker', [book])
const mailer = agent('mailer', [mail])
const poster = agent('poster', [post])
const juggler = agent('juggler', [look, pay, book, post, mail], [after(pay, look), atMost(book, 2)])
const petitioner = agent('petitioner', [grant, pay])
const hopeful = agent('hopeful', [permit, grant, pay])
const front = agent('front', [look])
const back = agent('back', [pay])
const desk = defineTeam({ name: 'desk', entry: front, handoffs: [[front, [back]]] })
const asker = agent('asker', [agentTool(payer, { name: 'ask', description: 'Asks.' }), pay])
const superior = agent('superior', [agentTool(petitioner, { name: 'ask', description: 'Asks.' }), grant])

/** What workflows may be sent. */
export const go = defineSignal({ name: 'go', payload: z.null() })

function payStep(ctx: WorkflowContext, what: string): Promise<string> {
  return ctx.step(what, (step: StepContext) => (step.services as Outside).do('pay', step, what), { retry })
}

function workflow(name: string, run: (ctx: WorkflowContext, input: string) => Promise<string>) {
  return defineWorkflow({ name, input: z.string(), run })
}

const sleeper = workflow('sleeper', async (ctx) => {
  await payStep(ctx, 'a')
  await ctx.sleep(3_000)
  await payStep(ctx, 'b')
  return 'slept'
})
/** Whether the signal comes within a time. */
function hears(ctx: WorkflowContext, timeoutMs: number, key = ''): Promise<boolean> {
  return ctx.receive(go, { timeoutMs, ...(key && { key }) }).then(
    () => true,
    (error: unknown) => {
      if (error instanceof TimedOutError) return false
      throw error
    },
  )
}

const waiter = workflow('waiter', async (ctx) => {
  const came = (await hears(ctx, 8_000)) ? 'came' : 'late'
  await payStep(ctx, came)
  return came
})
const reminder = workflow('reminder', async (ctx) => {
  for (const round of ['1', '2', '3']) {
    if (await hears(ctx, 3_000, round)) return `came, ${await payStep(ctx, 'came')}`
    await payStep(ctx, round)
    await ctx.sleep(2_000, { key: round })
  }
  return 'late'
})
const parent = workflow('parent', async (ctx) => {
  await ctx.child(sleeper, '')
  const [one, two] = await ctx.all([(left) => left.agent(payer, 'go'), (right) => payStep(right, 'c')])
  return `${one}, ${two}`
})
const batch = workflow('batch', async (ctx) => {
  const items = ['a', 'b', 'c', 'd', 'e']
  const done = await ctx.map(items, (item, ctx) => (item === 'c' ? ctx.agent(booker, item) : payStep(ctx, item)), {
    concurrency: 2,
  })
  return done.join(', ')
})
const racer = workflow('racer', (ctx) =>
  ctx.race([
    async (branch) => {
      await branch.sleep(2_000)
      await payStep(branch, 'a')
      return 'slow'
    },
    async (branch) => {
      await branch.receive(go)
      return 'came'
    },
    async (branch) => {
      await branch.child(hanger, '')
      return 'never'
    },
  ]),
)
const hanger = workflow('hanger', async (ctx) => {
  // Longer than the others, and not for ever: it takes one of its worker's places.
  await ctx.sleep(60_000)
  return 'never'
})
const counter = workflow('counter', async (ctx, input) => {
  await payStep(ctx, 'n')
  return input.endsWith('xxx') ? 'counted' : ctx.continueAs(`${input}x`)
})

const payerPays = ['pay a /agent:0/turn:0/call:0', 'pay b /agent:0/turn:1/call:0', 'pay c /agent:0/turn:1/call:1']
const hopefulPays = ['0 1 pay b', '0 2 pay c', '1 0 pay d']
const sleeperPays = ['pay a /step:a', 'pay b /step:b']

function within(path: string, lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.replace(' /', ` ${path}/`))
}

/** The stories by name. */
export const stories: Readonly<Record<string, Story>> = {
  read: { definition: reader, input: 'go', ends: { reader: { must: [] } } },
  idempotent: { definition: payer, input: 'go', ends: { payer: { must: payerPays } } },
  retried: { definition: payer, input: 'go', failures: 2, ends: { payer: { must: payerPays } } },
  retriedStep: { definition: sleeper, input: '', failures: 2, ends: { slept: { must: sleeperPays } } },
  transactional: {
    definition: booker,
    input: 'go',
    ends: { booker: { must: callsAt('0 0 book a', '1 0 book b', '1 1 book c') } },
  },
  once: {
    definition: mailer,
    input: 'go',
    ends: { mailer: { must: callsAt('0 0 mail a', '1 0 mail b', '1 1 mail c') } },
  },
  reconciled: {
    definition: poster,
    input: 'go',
    ends: { poster: { must: callsAt('0 0 post a', '1 0 post b', '1 1 post c') } },
  },
  parallel: {
    definition: juggler,
    input: 'go',
    ends: {
      juggler: {
        must: callsAt('0 0 pay a', '0 2 book a', '0 3 post a', '0 4 mail a', '0 5 book b', '1 0 pay b'),
      },
    },
  },
  handoff: { definition: desk, input: 'go', ends: { back: { must: ['pay a /agent:1/turn:0/call:0'] } } },
  approval: {
    definition: petitioner,
    input: 'go',
    ends: { petitioner: { must: callsAt('0 0 pay a', '0 1 pay b') } },
  },
  approvalInTime: {
    definition: hopeful,
    input: 'go',
    hears: 'word',
    ends: {
      hopeful: { must: callsAt('0 0 pay a', ...hopefulPays) },
      'hopeful, unheard': { must: callsAt(...hopefulPays) },
      'hopeful, refused': { must: callsAt(...hopefulPays) },
    },
  },
  agentTool: {
    definition: asker,
    input: 'go',
    ends: { asker: { must: [...within('/agent:0/turn:0/call:0', payerPays), ...callsAt('0 1 pay b')] } },
  },
  agentToolApproval: {
    definition: superior,
    input: 'go',
    ends: {
      superior: {
        must: [...within('/agent:0/turn:0/call:0', callsAt('0 0 pay a', '0 1 pay b')), ...callsAt('0 1 pay b')],
      },
    },
  },
  timer: { definition: sleeper, input: '', ends: { slept: { must: sleeperPays } } },
  signal: {
    definition: waiter,
    input: '',
    hears: 'go',
    ends: { came: { must: ['pay came /step:came'] }, late: { must: ['pay late /step:late'] } },
  },
  reminders: {
    definition: reminder,
    input: '',
    hears: 'go',
    ends: {
      'came, pay came': { must: ['pay came /step:came'], may: ['pay 1 /step:1', 'pay 2 /step:2'] },
      late: { must: ['pay 1 /step:1', 'pay 2 /step:2', 'pay 3 /step:3'] },
    },
  },
  child: {
    definition: parent,
    input: '',
    ends: {
      'payer, pay c': {
        must: [
          ...within('/child:sleeper', sleeperPays),
          ...within('/all/branch:0/agent:payer', payerPays),
          'pay c /all/branch:1/step:c',
        ],
      },
    },
  },
  map: {
    definition: batch,
    input: '',
    ends: {
      'pay a, pay b, booker, pay d, pay e': {
        must: [
          ...['a 0', 'b 1', 'd 3', 'e 4'].map((item) => `pay ${item[0]} /map/item:${item[2]}/step:${item[0]}`),
          ...within('/map/item:2/agent:booker', callsAt('0 0 book a', '1 0 book b', '1 1 book c')),
        ],
      },
    },
  },
  race: {
    definition: racer,
    input: '',
    hears: 'go',
    ends: {
      slow: { must: ['pay a /race/branch:0/step:a'] },
      came: { must: [], may: ['pay a /race/branch:0/step:a'] },
      // Where a clock jumps.
      never: { must: [], may: ['pay a /race/branch:0/step:a'] },
    },
  },
  continued: {
    definition: counter,
    input: '',
    ends: { counted: { must: ['', '~2', '~3', '~4'].map((round) => `pay n ${round}/step:n`) } },
  },
}

/** All stories by name, those that meet what is rare as well. */
export const allStories: Readonly<Record<string, Story>> = { ...stories, ...widerStories }

/** All definitions of the stories. */
export const definitions: readonly AnyDefinition[] = [
  ...widerDefinitions,
  reader,
  payer,
  booker,
  mailer,
  poster,
  juggler,
  petitioner,
  hopeful,
  desk,
  asker,
  superior,
  sleeper,
  waiter,
  reminder,
  parent,
  batch,
  racer,
  hanger,
  counter,
]
