// A queue of Reprise's, as a program would use it.
import { createRuntime, defineAgent, defineTool, type Model, type ModelEvent } from '@reprise/core'
import { sqlite } from '@reprise/store'
import { z } from 'zod'
import { replyOf } from '../contenders/reprise.ts'
import { type Queue, smallWorld } from './queue.ts'

export const queue: Queue = {
  async seed(file, runs) {
    const { runtime, agent } = runtimeOn(file)
    await Promise.all(Array.from({ length: runs }, (_, at) => runtime.enqueue(agent, 'go', { id: `r${at + 1}` })))
    await runtime.close()
  },
  async work(file, concurrency) {
    const { runtime } = runtimeOn(file)
    const worker = runtime.work({ concurrency })
    return {
      stop: async () => {
        await worker.stop()
        await runtime.close()
      },
    }
  },
  left: 'select count(*) from runs where ended_at is null',
}

function runtimeOn(file: string) {
  const world = smallWorld()
  const tools = world
    .tools(z)
    .map(({ name, description, schema, execute }) =>
      defineTool({ name, description, input: schema, effect: 'read', execute }),
    )
  const agent = defineAgent({ name: 'bench', model: 'scripted', instructions: 'Use the tools.', tools })
  const models: Model = {
    async *ask({ runId, items }): AsyncGenerator<ModelEvent, void, undefined> {
      const last = items.at(-1)
      yield { kind: 'reply', reply: replyOf(await world.model(last?.kind === 'result' ? last.callId : null, runId)) }
    },
  }
  return { runtime: createRuntime({ store: sqlite(file), models, definitions: [agent] }), agent }
}
