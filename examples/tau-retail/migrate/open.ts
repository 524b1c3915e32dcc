import { createRuntime, type Model, type ModelReply, type ModelRequest, type Runtime } from '@reprise/core'
import { sqlite } from '@reprise/store'
import { manualClock, type ManualClock, scriptedModel } from '@reprise/testing'
import { type ShopAgent, shopAgent } from '../agent.ts'
import { readPolicy, readTasks, type Task } from '../data.ts'
import { rightAnswer } from '../right-model.ts'
import { Shop } from '../shop/shop.ts'
import { type Made, plant } from './planted.ts'

/** Whether the other model does the same, or something else here and there. */
export type Luna = 'same' | 'planted'

/** One shop for the customers of all tasks, and two models that serve them. */
export interface WholeShop {
  readonly runtime: Runtime<readonly [ShopAgent]>
  readonly agent: ShopAgent
  readonly tasks: readonly Task[]
  readonly clock: ManualClock
}

/** How the two models answer: how long, and for how many nano-dollars a token. */
const MODELS = {
  'gpt-4.1-mini': { ms: 1_200, input: 400, output: 1_600 },
  'gpt-6-luna': { ms: 100, input: 100, output: 500 },
} as const

/**
 * Opens the shop at a path.
 *
 * @param now when its clock begins, in milliseconds since 1970.
 */
export function openWholeShop(path: string, numbers: readonly number[], luna: Luna, now: number): WholeShop {
  const agent = shopAgent(readPolicy())
  const tasks = readTasks().filter(({ task }) => numbers.includes(task))
  const reads = new Set(agent.tools.filter(({ effect }) => effect === 'read').map(({ name }) => name))
  const planted = new Map(
    luna === 'planted' ? plant(tasks, reads).map(({ task, calls }) => [task, calls] as const) : [],
  )
  const clock = manualClock({ now })
  const file = sqlite(path, { durability: 'process' })
  const runtime = createRuntime({
    store: file,
    models: twoModels(tasks, planted, clock),
    definitions: [agent],
    services: { shop: new Shop(file, path) },
    clock,
  })
  return { runtime, agent, tasks, clock }
}

/** They go by the conversation alone, and make their calls whatever they are told. */
function twoModels(tasks: readonly Task[], planted: ReadonlyMap<number, readonly Made[]>, clock: ManualClock): Model {
  return scriptedModel(async (request) => {
    const { items, card } = request
    const [first] = items
    const task = tasks.find(({ instruction }) => first?.kind === 'user' && first.text === instruction)
    if (!task) throw new Error('Nobody has this task.')
    const isLuna = card.model === 'gpt-6-luna'
    await clock.advance(MODELS[isLuna ? 'gpt-6-luna' : 'gpt-4.1-mini'].ms)
    const calls = (isLuna ? planted.get(task.task) : undefined) ?? task.actions
    const next = calls[items.filter(({ kind }) => kind === 'result').length]
    return replyOf(request, next ?? rightAnswer(task))
  })
}

function replyOf({ items, card }: ModelRequest, said: Made | string): ModelReply {
  const { input, output } = MODELS[card.model === 'gpt-6-luna' ? 'gpt-6-luna' : 'gpt-4.1-mini']
  const [inputTokens, outputTokens] = [2_000 + 150 * items.length, typeof said === 'string' ? 60 : 40]
  return {
    items: [
      typeof said === 'string'
        ? { kind: 'assistant', text: said }
        : { kind: 'call', callId: `call_${items.length}`, name: said.name, arguments: JSON.stringify(said.kwargs) },
    ],
    finish: 'stop',
    model: card.model,
    usage: { inputTokens, cachedTokens: 0, outputTokens, reasoningTokens: 0 },
    costNano: inputTokens * input + outputTokens * output,
  }
}
