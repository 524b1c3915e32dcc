// Skills change on the disk while runs are under way: what a run was told stays what it was told.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRuntime, defineAgent, prompt, type Store } from '@reprise/core'
import { skills } from '@reprise/tools'
import { crashing, memoryStore, scriptedModel } from '@reprise/testing'
import { expect, it } from 'vitest'
import { tempFolder } from '../temp-folder.fixture.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const skill = (name: string, body: string) => `---\nname: ${name}\ndescription: How ${name} are done.\n---\n${body}\n`

/** A program that starts now: it reads the folder as it is. */
async function program(root: string, store: Store, asked: string[]) {
  const { list, tool } = await skills({ root })
  const instructions = prompt({ role: 'You answer the tickets of a shop.', skills: list })
  const desk = defineAgent({ name: 'desk', model: 'm', instructions, tools: [tool] })
  const models = scriptedModel(({ instructions: told, items }) => {
    asked.push([told, ...items.map((item) => (item.kind === 'result' ? item.output : item.kind))].join('\n'))
    const results = items.filter((item) => item.kind === 'result').length
    if (results === 0) return { calls: [{ name: 'read_skill', arguments: { skill: 'refunds' } }] }
    if (results === 1) return { calls: [{ name: 'read_skill', arguments: { skill: 'returns' } }] }
    return { text: 'done' }
  })
  return { desk, runtime: createRuntime({ store, models, definitions: [desk], log: quiet }) }
}

it('a run that read a skill goes on with what it read, wherever its process dies, when the skill is another or gone', async () => {
  for (let at = 2, commits = Infinity; at <= commits; at++) {
    const root = tempFolder({
      'refunds/SKILL.md': skill('refunds', 'old'),
      'returns/SKILL.md': skill('returns', 'kept'),
    })
    const store = memoryStore()
    const asked: string[] = []
    const dying = crashing(store, { at, side: 'after' })
    const first = await program(root, dying, asked)
    await (await first.runtime.start(first.desk, 'go', { id: 'r' })).outcome()
    commits = dying.commits
    await first.runtime.close().catch(() => undefined)
    const hadRead = (await store.entries('r')).filter(({ kind }) => kind === 'call.returned').length > 0

    rmSync(join(root, 'refunds'), { recursive: true })
    writeFileSync(join(root, 'returns/SKILL.md'), skill('returns', 'new'))
    const second = await program(root, store, asked)
    expect(await (await second.runtime.resume('r')).outcome()).toMatchObject({ kind: 'completed', output: 'done' })
    // The list is pinned, and so is what was read of a skill that is gone.
    expect(new Set(asked.map((text) => text.includes('- refunds: How refunds are done.')))).toEqual(new Set([true]))
    expect(asked.at(-1)?.includes('\nold\n')).toBe(hadRead)
    const replay = await second.runtime.replay('r')
    expect([replay.status, ...replay.differences.map(({ field }) => field)]).toEqual(['matched', 'instructions'])
    await second.runtime.close()
  }
})

it('a fork is told which skills there are today', async () => {
  const root = tempFolder({ 'refunds/SKILL.md': skill('refunds', 'old'), 'returns/SKILL.md': skill('returns', 'kept') })
  const store = memoryStore()
  const asked: string[] = []
  const first = await program(root, store, asked)
  await (await first.runtime.start(first.desk, 'go', { id: 'r' })).result()
  await first.runtime.close()
  rmSync(join(root, 'refunds'), { recursive: true })
  const second = await program(root, store, asked)
  expect(await (await second.runtime.fork('r', { at: 3, id: 'f' })).outcome()).toMatchObject({ kind: 'completed' })
  expect(asked.at(-1)).not.toContain('- refunds:')
  expect(asked.at(-1)).toContain('\nold\n')
  await second.runtime.close()
})
