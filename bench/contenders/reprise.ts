// Reprise, as a program would use it. Also what a harness with the same shape of contender runs: see peers.ts.
import { join } from 'node:path'
import {
  createRuntime,
  defineAgent,
  defineTool,
  type Model,
  type ModelEvent,
  type ModelReply,
  type Store,
} from '@reprise/core'
import type * as Testing from '@reprise/testing'
import { z } from 'zod'
import { type Answer, delta } from '../world.ts'
import type { Contender, Setup } from './contender.ts'
import { folderBytes } from './folder-bytes.ts'

/** What the peers' harness asks of a contender. */
export const info = {
  packages: ['@reprise/core', '@reprise/store', '@reprise/testing', 'zod'],
  variants: [
    'full',
    'normal',
    'full-idempotent',
    'normal-idempotent',
    'normal-encrypted',
    'normal-encrypted-idempotent',
  ],
  cannot: {},
}

/** Loaded with the first run in memory: a program that starts does not need it. */
let testing: typeof Testing | undefined

/** Makes a runtime with one agent and its tools. */
export async function create({ world, dir, durable, variant = 'full' }: Setup): Promise<Contender> {
  const agent = agentOf(world, variant.endsWith('-idempotent') ? 'idempotent' : 'read')
  const models = modelOf(world)
  const runtimeOn = (store: Store) => createRuntime({ store, models, definitions: [agent] })
  let opened =
    durable && dir !== null ? runtimeOn(await openFile(dir, variant)) : testing && runtimeOn(testing.memoryStore())
  const runtime = async () => {
    if (opened) return opened
    testing ??= await import('@reprise/testing')
    return (opened = runtimeOn(testing.memoryStore()))
  }
  return {
    async run(id) {
      const run = await (await runtime()).start(agent, `run:${id}`, { id })
      return run.result()
    },
    async resume(runId) {
      const run = await (await runtime()).resume(runId)
      // The agent has no output schema: it answers in words.
      return (await run.result()) as string
    },
    async replay(runId) {
      const { status, matched, entries } = await (await runtime()).replay(runId)
      if (status !== 'matched' || matched !== entries)
        throw new Error(`Void: replay ${status} at ${matched} of ${entries}`)
      return { entries }
    },
    async stream(_deltas, onDelta) {
      const run = await (await runtime()).start(agent, 'run')
      run.on('text.delta', (event) => onDelta(event.delta))
      await run.result()
    },
    async bytes() {
      await opened?.close()
      return dir === null ? 0 : folderBytes(dir)
    },
    settings: () => ({ durability: variant.startsWith('normal') ? 'process' : 'power' }),
    async close() {
      await opened?.close()
    },
  }
}

/** Opens a runtime on the file that a contender of the same world and variant has written, or writes. */
export async function openRuntime(world: Setup['world'], dir: string, variant: string) {
  return createRuntime({
    store: await openFile(dir, variant),
    models: modelOf(world),
    definitions: [agentOf(world, 'read')],
  })
}

/** The agent of a world. Its tools look something up, whatever is said of them. */
export function agentOf(world: Setup['world'], effect: 'idempotent' | 'read') {
  const tools = world
    .tools(z)
    .map(({ name, description, schema, execute }) => defineTool({ name, description, input: schema, effect, execute }))
  return defineAgent({
    name: 'bench',
    model: 'scripted',
    instructions: 'Use the tools.',
    tools,
    budget: { turns: world.n + 10 },
  })
}

/** The scripted model of a world. */
export function modelOf(world: Setup['world']): Model {
  return {
    async *ask({ runId, items }): AsyncGenerator<ModelEvent, void, undefined> {
      for (let at = 0; at < world.deltas; at++) yield { kind: 'text', delta: delta(at) }
      const last = items.at(-1)
      const answer =
        world.deltas > 0 ? { text: 'done' } : await world.model(last?.kind === 'result' ? last.callId : null, runId)
      yield { kind: 'reply', reply: replyOf(answer) }
    },
  }
}

async function openFile(dir: string, variant: string): Promise<Store> {
  const { sqlite } = await import('@reprise/store')
  const store = sqlite(join(dir, 'reprise.db'), {
    durability: variant.startsWith('normal') ? 'process' : 'power',
    ...(variant.includes('encrypted') && { encryption: { key: Buffer.alloc(32, 'bench') } }),
  })
  // It opens its file at the first use: that is not part of a run.
  await store.owners()
  return store
}

/** What a model of Reprise gives for an answer of the world. */
export function replyOf(answer: Answer): ModelReply {
  const items =
    'calls' in answer
      ? answer.calls.map(
          ({ id, name, args }) => ({ kind: 'call', callId: id, name, arguments: JSON.stringify(args) }) as const,
        )
      : [{ kind: 'assistant', text: answer.text } as const]
  return { items, finish: 'stop', model: 'scripted' }
}
