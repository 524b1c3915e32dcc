// One runtime asks several models, each for the agents whose model has its name.
import { memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { createRuntime, defineAgent, defineTeam, type Model, type ModelTable } from '../src/index.ts'

const agentOf = (model: string) => defineAgent({ name: model.replace(/\W/g, '-'), model, instructions: '' })

/** A model that answers with what it is called, and with the name that it was asked for. */
const called = (name: string) => scriptedModel(({ card }) => ({ text: `${name} as ${card.model}` }))

async function answers(models: ModelTable, ...names: readonly string[]): Promise<readonly string[]> {
  const agents = names.map(agentOf)
  await using runtime = createRuntime({ store: memoryStore(), models, definitions: agents })
  return await Promise.all(agents.map(async (agent) => (await runtime.start(agent, 'Hello')).result()))
}

describe('a runtime with several models', () => {
  it('asks the one of the whole name, else the one of the longest beginning, else the one of all', async () => {
    const models = {
      '*': called('rest'),
      'gpt-*': called('gpt'),
      'gpt-4.1-mini': called('mini'),
      'gpt-4.1*': called('four'),
    }
    expect(await answers(models, 'gpt-4.1-mini', 'gpt-4.1-nano', 'gpt-5', 'llama3.2')).toEqual([
      'mini as gpt-4.1-mini',
      'four as gpt-4.1-nano',
      'gpt as gpt-5',
      'rest as llama3.2',
    ])
  })

  it('takes no name that every object has for a model of its own', async () => {
    expect(await answers({ '*': called('rest') }, 'constructor', 'toString')).toEqual([
      'rest as constructor',
      'rest as toString',
    ])
  })

  it('refuses an agent, of a team too, whose model none of them is', () => {
    const lead = agentOf('gpt-5')
    const other = agentOf('llama3.2')
    const team = defineTeam({ name: 'both', entry: lead, handoffs: [[lead, [other]]] })
    const models = { 'gpt-*': called('gpt'), o3: called('o3') }
    expect(() => createRuntime({ store: memoryStore(), models, definitions: [team] })).toThrow(
      'Agent "llama3-2" asks for the model "llama3.2", and createRuntime({ models }) has: "gpt-*", "o3". Add it there, by its name or by the beginning of it and a star.',
    )
  })

  it('leaves a run whose model it has not for one that has it', async () => {
    const store = memoryStore()
    const before = agentOf('gpt-5')
    {
      await using runtime = createRuntime({ store, models: { 'gpt-*': called('gpt') }, definitions: [before] })
      await runtime.enqueue(before, 'Hello', { id: 'r' })
    }
    const today = defineAgent({ name: 'gpt-5', model: 'o3', instructions: '', onChange: 'pin' })
    {
      await using runtime = createRuntime({ store, models: { o3: called('o3') }, definitions: [today] })
      const outcome = await (await runtime.resume('r')).outcome()
      expect(outcome).toMatchObject({ kind: 'waiting', waiting: { kind: 'interrupted', error: { code: 'no_model' } } })
    }
    await using runtime = createRuntime({
      store,
      models: { 'gpt-*': called('gpt'), o3: called('o3') },
      definitions: [today],
    })
    expect(await (await runtime.resume('r')).result()).toBe('gpt as gpt-5')
  })

  it.each([
    [{}, 'createRuntime was given models: an object'],
    [{ 'gpt-*-mini': called('x') }, 'createRuntime was given models["gpt-*-mini"]: "gpt-*-mini". A star stands for'],
    [{ gpt: {} as Model }, 'createRuntime was given models["gpt"]: an object'],
  ])('refuses a table that is none', (models, message) => {
    expect(() => createRuntime({ store: memoryStore(), models, definitions: [] })).toThrow(message)
  })
})
