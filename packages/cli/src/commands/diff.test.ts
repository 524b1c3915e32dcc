import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { recordServed } from '../desk.fixture.ts'
import { printed, reprise, tempFolder, writeConfig } from '../reprise.fixture.ts'

let cwd: string
beforeEach(async () => {
  cwd = tempFolder()
  writeConfig(cwd)
  await recordServed(join(cwd, 'runs.db'), 'r')
})

it('reprise diff tells in which steps a run and its fork differ, and where', async () => {
  const edit = ['--edit-result', '{"id":"a","price":99}', '--edit-instructions', 'Serve the customer.\nBe curt.']
  await printed(['fork', 'r', '--at', '3', '--id', 'f', ...edit], { cwd })
  expect(await printed(['diff', 'r', 'f'], { cwd })).toBe(
    `r and f: 2 steps the same, 3 changed, 1 only in r, 1 only in f

  … 2 steps the same
~ call look  entry 1
    result.price  12 → 99
- call pay {"id":"a"}, result "paid a"
+ definition clerk {"agent":"clerk","model":"gpt-4.1-mini","instructions":"Serve the customer.\\nBe curt."}
~ reply clerk  entries 6 and 5
    text  "{\\"total\\":12}" → "{\\"total\\":7}"
~ end clerk  entries 7 and 6
    output.total  12 → 7
`,
  )
  // The instructions are those of another run now, and differ in a line.
  await printed(['fork', 'f', '--at', '5', '--id', 'g', '--edit-instructions', 'Serve the customer.\nBe kind.'], {
    cwd,
  })
  expect(await printed(['diff', 'f', 'g', '--store', 'runs.db'], { cwd })).toContain(`  … 4 steps the same
+ definition clerk`)
})

it('reprise diff exits with 0 where it has compared, and with 1 for a difference where it is told to', async () => {
  const input = ['--edit-input', 'Order r arrived late, and the customer asks for nothing but a kind word']
  await printed(['fork', 'r', '--at', '1', '--id', 'f', ...input], { cwd })
  const ended = async (...args: string[]) => {
    const { code, stdout } = await reprise(['diff', ...args], { cwd })
    return [code, stdout.split('\n')[0]]
  }
  expect(await ended('r', 'r', '--exit-code')).toEqual([0, 'r and r: 6 steps the same'])
  expect(await ended('r', 'f')).toEqual([0, 'r and f: 0 steps the same, 3 changed, 3 only in r'])
  expect(await ended('r', 'f', '--exit-code')).toEqual([1, 'r and f: 0 steps the same, 3 changed, 3 only in r'])
  expect(await printed(['diff', 'r', 'f'], { cwd })).toContain(`~ start agent clerk  entry 0
    input
      - "Order r arrived broken"
      + "Order r arrived late, and the customer asks for nothing but a kind word"
- reply clerk Let me look.
`)
  const diff = JSON.parse(await printed(['diff', 'r', 'f', '--json'], { cwd })) as object
  expect(diff).toMatchObject({
    runA: 'r',
    runB: 'f',
    same: false,
    pairs: [{ kind: 'changed', changes: [{ path: 'input' }] }, {}, {}, {}, {}, {}],
  })
  expect((await reprise(['diff', 'r', 'nobody'], { cwd })).stderr).toContain('There is no run "nobody"')
})
