// What is known of people and tenants, as somebody looks at it, corrects it and has it erased.
import { memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createRuntime, defineAgent, memory, type Store, type SubjectPart } from '../src/index.ts'
import { quiet } from './flow.fixture.ts'

const schema = z.object({ key: z.string(), value: z.string().max(20) })
const customer = memory({ scope: 'user', schema })
const shop = memory({ scope: 'tenant', name: 'shop', schema })
const desk = defineAgent({ name: 'desk', model: 'm', instructions: 'Help.', memory: [customer, shop] })
const ann = { tenant: 'acme', user: 'ann' }
const by = { id: 'bob', source: 'oidc' }

/** Keeps what the user says as `key value`; asks for what is known where it is asked to. */
const models = scriptedModel(({ items }) => {
  const [first] = items
  const said = first?.kind === 'user' ? first.text : ''
  const [key = '', value] = said.split(' ')
  if (items.some(({ kind }) => kind === 'result') || key === '') return { text: 'done' }
  if (key === 'find') return { calls: [{ name: 'recall', arguments: { query: value ?? '' } }] }
  return value === undefined ? { text: 'done' } : { calls: [{ name: 'remember', arguments: { key, value } }] }
})

function runtimeOn(store: Store) {
  return createRuntime({ store, models, definitions: [desk], log: quiet })
}

describe('runtime.memory', () => {
  it('lists what is known of somebody, sets a fact for later runs, and says who did', async () => {
    const store = memoryStore()
    await using runtime = runtimeOn(store)
    await (await runtime.start(desk, 'size 44', { ...ann, id: 'r1' })).result()
    const put = await runtime.memory.put({ ...ann, value: { key: 'size', value: '45' }, by })
    await runtime.memory.put({ tenant: 'acme', memory: 'shop', value: { key: 'hours', value: '9 to 5' }, by })

    expect(await runtime.memory.list(ann)).toEqual([put])
    expect(put).toMatchObject({ ...ann, memory: 'memory', key: 'size', value: { key: 'size', value: '45' } })
    expect(put.origin).toEqual({ kind: 'set', by })
    expect(await runtime.memory.list({ tenant: 'acme', reader: by })).toMatchObject([{ key: 'hours', user: null }])
    expect(await runtime.memory.list({ user: 'ann' })).toEqual([])
    expect(await runtime.memory.list({ ...ann, memory: 'shop' })).toEqual([])
    expect(await runtime.memory.list({ ...ann, key: 'size' })).toHaveLength(1)
    await (await runtime.start(desk, 'Hello', { ...ann, id: 'r2' })).result()
    const read = (await runtime.runs.entries('r2')).filter(({ kind }) => kind === 'memory.read')
    expect(read.map(({ body }) => body)).toMatchObject([
      { memory: 'memory', keys: ['size'], text: expect.stringContaining('45') },
      { memory: 'shop', keys: ['hours'], text: expect.stringContaining('the organisation that the user belongs to') },
    ])
    const audit = await runtime.audit({})
    expect(audit.map(({ action, by: who, what }) => [action, who, what])).toEqual([
      ['remembered', by, 'memory memory'],
      ['remembered', by, 'memory shop'],
      ['read', by, 'facts'],
    ])
    expect(JSON.stringify(audit)).not.toMatch(/ann|size|"45"/)
  })

  it('refuses what is no fact of the memory, or nobody’s', async () => {
    await using runtime = runtimeOn(memoryStore())
    const put = { ...ann, value: { key: 'size', value: '45' }, by }

    await expect(runtime.memory.put({ ...put, value: { key: 'size' } })).rejects.toMatchObject({ code: 'bad_fact' })
    await expect(runtime.memory.put({ ...put, value: { key: '', value: '' } })).rejects.toMatchObject({
      message: 'The fact is not kept: its "key" must be a text of 1 to 200 characters.',
    })
    await expect(runtime.memory.put({ ...put, memory: 'shop' })).rejects.toMatchObject({
      message: 'No agent of this runtime has a memory "shop" of a user. There is: "memory" (user), "shop" (tenant).',
    })
    const { tenant: _, user: __, ...nobodys } = put
    await expect(runtime.memory.put(nobodys)).rejects.toMatchObject({ code: 'bad_argument' })
    await expect(runtime.memory.list({})).rejects.toMatchObject({ code: 'bad_argument' })
    await expect(runtime.memory.erase({ by })).rejects.toMatchObject({ code: 'bad_argument' })
  })

  it('erases a fact, and says which runs quote it', async () => {
    const store = memoryStore()
    await using runtime = runtimeOn(store)
    await (await runtime.start(desk, 'Hello', { ...ann, id: 'before' })).result()
    await (await runtime.start(desk, 'size 44', { ...ann, id: 'wrote' })).result()
    await (await runtime.start(desk, 'street Main', { ...ann, id: 'other' })).result()
    await (await runtime.start(desk, 'find 44', { ...ann, id: 'found' })).result()
    await (await runtime.start(desk, 'size 43', { tenant: 'acme', user: 'eve', id: 'eves' })).result()

    expect(await runtime.memory.erase({ ...ann, key: 'size', by })).toEqual({
      facts: 1,
      quotedBy: [
        { runId: 'wrote', lineageId: 'wrote', keys: ['size'] },
        { runId: 'other', lineageId: 'other', keys: ['size'] },
        { runId: 'found', lineageId: 'found', keys: ['size'] },
      ],
    })
    expect((await runtime.memory.list(ann)).map(({ key }) => key)).toEqual(['street'])
    expect(await runtime.memory.erase({ ...ann, key: 'size', by })).toEqual({ facts: 0, quotedBy: [] })
    expect(await runtime.memory.erase({ ...ann, by })).toMatchObject({ facts: 1 })
    expect(await runtime.memory.list({ tenant: 'acme', user: 'eve' })).toHaveLength(1)
    expect((await runtime.audit({})).map(({ action, what }) => [action, what])).toEqual([
      ['erased', 'facts'],
      ['erased', 'facts'],
    ])
  })
})

describe('a runtime of one tenant', () => {
  it('sees, sets and erases its own facts alone', async () => {
    const store = memoryStore()
    await using runtime = runtimeOn(store)
    const value = { key: 'size', value: '44' }
    for (const tenant of ['acme', 'other']) await runtime.memory.put({ tenant, user: 'ann', value, by })
    await runtime.memory.put({ user: 'ann', value, by })
    const acme = runtime.forTenant('acme')

    expect(await acme.memory.list({ user: 'ann' })).toMatchObject([{ tenant: 'acme' }])
    await expect(acme.memory.list({ tenant: 'other', user: 'ann' })).rejects.toMatchObject({ code: 'bad_argument' })
    await acme.memory.put({ user: 'ann', value: { key: 'street', value: 'Main' }, by })
    expect(await runtime.memory.list(ann)).toHaveLength(2)
    await (await acme.start(desk, 'Hello', { user: 'ann', id: 'r' })).result()
    expect((await acme.runs.entries('r'))[1]).toMatchObject({ body: { keys: ['street', 'size'] } })
    expect(await acme.eraseSubject({ user: 'ann' }, { by })).toMatchObject({ facts: 2 })
    expect(await store.facts({})).toHaveLength(2)
  })
})

describe('the rights of a person', () => {
  it('reach what is known of them: it is handed out, and erased', async () => {
    const store = memoryStore()
    await using runtime = runtimeOn(store)
    await (await runtime.start(desk, 'size 44', { ...ann, id: 'r1' })).result()
    await runtime.memory.put({ tenant: 'acme', memory: 'shop', value: { key: 'hours', value: '9 to 5' }, by })
    const parts: SubjectPart[] = []
    for await (const part of runtime.exportSubject(ann)) parts.push(part)

    expect(parts.filter(({ kind }) => kind === 'fact')).toMatchObject([{ fact: { ...ann, key: 'size' } }])
    expect(await runtime.eraseSubject(ann, { by })).toMatchObject({ lineages: 1, facts: 1 })
    expect(await runtime.memory.list({ tenant: 'acme' })).toHaveLength(1)
    expect(await runtime.eraseSubject({ tenant: 'acme' }, { by })).toMatchObject({ facts: 1 })
    expect(await store.facts({})).toEqual([])
  })
})
