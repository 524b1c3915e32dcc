import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { recipes } from './recipes.ts'

it.each([...recipes])('%s comes to what it says, and tells it as one tree', async (_, play) => {
  const told: string[] = []
  await play((line) => told.push(line))
  expect(told.join('\n')).toMatch(/^ {2}(agent|team|workflow) \w+: completed/m)
})

it('each is a file of its name, and the README tells of it', () => {
  const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8')
  const files = readdirSync(new URL('.', import.meta.url))
  for (const name of recipes.keys()) {
    expect(files).toContain(`${name}.ts`)
    expect(readme).toContain(`(${name}.ts)`)
  }
})
