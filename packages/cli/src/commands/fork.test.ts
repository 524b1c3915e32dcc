import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { recordServed, recordWaiting } from '../desk.fixture.ts'
import { printed, reprise, tempFolder, untimed, writeConfig } from '../reprise.fixture.ts'

let cwd: string
beforeEach(async () => {
  cwd = tempFolder()
  writeConfig(cwd)
  await recordServed(join(cwd, 'runs.db'), 'r')
})

it('reprise fork goes on from the first entries of a run, and tells what happens from there', async () => {
  // The model answers at once, where the run was paid back first.
  expect(untimed(await printed(['fork', 'r', '--at', '3', '--id', 'f'], { cwd }))).toBe(
    `    3  forked from r: all before is of that run, and from here only tools that read run
    4  clerk replies  scripted, tokens unknown, price unknown
                       says: {"total":7}
    5  the run is completed: {"total":7}
f is completed:
{
  "total": 7
}
1 turn, 0 calls, 0 tokens in, 0 out, $0.000000 and 1 turn of unknown price
`,
  )
  const shown = await printed(['show', 'f'], { cwd })
  expect(shown).toMatch(/^ +forked +from r, at 3$/m)
  expect(shown).toMatch(/^ +used +1 turn, 0 calls/m)
  expect(JSON.parse(await printed(['fork', 'r', '--at', '3', '--json'], { cwd }))).toMatchObject({ kind: 'completed' })
})

it('reprise fork ends at what is more than reading, and tells what to type; --live does it', async () => {
  expect(await reprise(['fork', 'r', '--at', '4', '--id', 'f'], { cwd })).toMatchObject({
    code: 1,
    stderr: '',
    stdout: expect.stringContaining('Go on with: reprise fork f --at 7 --live\n') as unknown,
  })
  expect(await printed(['fork', 'f', '--at', '7', '--live', '--id', 'g'], { cwd })).toContain('g is completed:')
  expect(await printed(['show', 'g'], { cwd })).toContain('call:0 pay returns "paid a"')
})

it('reprise fork tells which places a run has', async () => {
  await recordWaiting(join(cwd, 'runs.db'))
  const refusal = async (...args: string[]): Promise<string> => (await reprise(['fork', ...args], { cwd })).stderr
  expect(await refusal('r', '--at', '99')).toBe(
    'reprise: The run "r" cannot be forked at 99: it has 8 entries, and has ended at the last. Give the number of entries to go on from, 1 to 7.\n',
  )
  expect(await refusal('night', '--at', '99')).toBe(
    'reprise: The run "night" cannot be forked at 99: it has 5 entries. Give the number of entries to go on from, 1 to 5.\n',
  )
})

it('reprise fork edits what a tool gave, the input, the instructions and the model, and show tells of it on both sides', async () => {
  const say = async (...args: string[]) => untimed(await printed(args, { cwd }))
  expect(await say('fork', 'r', '--at', '3', '--id', 'f', '--edit-result', '{"id":"a","price":99}')).toContain(
    `    3  forked from r: all before is of that run, and from here only tools that read run
                       edited: the result at entry 2
`,
  )
  const facts = async (id: string) =>
    (await printed(['show', id], { cwd })).split('\n').filter((line) => /^ +(?:forked|forks|edited|was|is) /.test(line))
  expect(await facts('f')).toEqual([
    '  forked   from r, at 3',
    '  edited   the result at entry 2',
    '  was      {"id":"a","price":12}',
    '  is       {"id":"a","price":99}',
  ])
  await printed(['fork', 'r', '--at', '1', '--id', 'g', '--edit-input', 'Order r arrived late'], { cwd })
  expect(await facts('g')).toEqual([
    '  forked   from r, at 1',
    '  edited   the input at entry 0',
    '  was      Order r arrived broken',
    '  is       Order r arrived late',
  ])
  writeFileSync(join(cwd, 'prompt.md'), 'Serve the customer.\nBe curt.')
  const words = ['--edit-instructions', '@prompt.md', '--model', 'gpt-6-luna', '--agent', 'clerk']
  await printed(['fork', 'f', '--at', '4', '--id', 'h', ...words], { cwd })
  expect(await facts('h')).toEqual([
    '  forked   from f, at 4',
    '  edited   the instructions of clerk',
    '  was      \u2026ve the customer. Be brief.',
    '  is       \u2026ve the customer. Be curt.',
    '  edited   the model of clerk',
    '  was      gpt-4.1-mini',
    '  is       gpt-6-luna',
  ])
  expect(await facts('r')).toEqual(['  forks    f (at 3, completed), g (at 1, completed)'])
  expect(JSON.parse(await printed(['show', 'r', '--json'], { cwd }))).toMatchObject({ forks: ['f', 'g'] })
  expect(await printed(['runs', '--fork-of', 'f'], { cwd })).toMatch(/^h .* completed /m)
})

it('reprise fork names the file of instructions that is not there', async () => {
  const args = ['fork', 'r', '--at', '3', '--edit-instructions', '@nowhere.md']
  expect(await reprise(args, { cwd })).toMatchObject({
    code: 1,
    stderr: `reprise: There is no file at ${join(cwd, 'nowhere.md')}. Check the path.\n`,
  })
})

it('reprise fork of a workflow takes its input as JSON, and refuses what is edited by nobody', async () => {
  await recordWaiting(join(cwd, 'runs.db'))
  const fork = (...args: string[]) => reprise(['fork', 'night', '--at', '1', ...args], { cwd })
  expect(await fork('--id', 'n', '--edit-input', '{"ticket":"Order b"}')).toMatchObject({ stderr: '' })
  expect(await printed(['show', 'n'], { cwd })).toMatch(/^ +is +\{"ticket":"Order b"\}$/m)
  expect((await fork('--edit-input', 'Order b')).stderr).toContain('It must be JSON')
  expect((await fork('--agent', 'clerk')).stderr).toContain(
    '--agent says whose --edit-instructions or --model are edited: give one of them.',
  )
  expect((await fork('--edit-result', '1')).stderr).toContain('Such an edit can be made at: 3, 4.')
})
