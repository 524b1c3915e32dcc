import { join } from 'node:path'
import { expect, it } from 'vitest'
import { clerk, deskRuntime } from '../desk.fixture.ts'
import { printed, reprise, tempFolder } from '../reprise.fixture.ts'

const WHOSE = { tenant: 'acme', user: 'ann' }

async function filled(): Promise<{ cwd: string; store: string }> {
  const cwd = tempFolder()
  const store = join(cwd, 'runs.db')
  const runtime = deskRuntime(store)
  await (await runtime.start(clerk, 'Order 4711 arrived broken', { id: 'r1', ...WHOSE })).outcome()
  await (await runtime.start(clerk, 'Order 4711 arrived broken', { id: 'r2', ...WHOSE, user: 'bob' })).outcome()
  await runtime.enqueue(clerk, 'Later', { id: 'r3', ...WHOSE })
  await runtime.schedule('daily', { cron: '0 9 * * *', definition: clerk, input: 'Look', ...WHOSE })
  await runtime.close()
  return { cwd, store }
}

const untimed = (text: string): string =>
  text.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ|WHEN {16}/g, (found) => (found.startsWith('W') ? 'WHEN' : 'TIME'))

it('reprise audit tells who read, exported, cancelled and erased what, a page at a time, and forgets what is old', async () => {
  const { cwd, store } = await filled()
  const run = (...args: string[]) => printed([...args, '--store', store], { cwd })
  expect(await run('audit')).toBe('Nothing such was done.\n')
  await run('show', 'r1', '--by', 'ana')
  await run('show', 'r1')
  await run('export', 'r1')
  await run('cancel', 'r3', '--by', 'ana')
  await run('erase', 'r1', '--by', 'ana')

  expect(untimed(await run('audit'))).toBe(`WHEN  WHO            DID        RUN  TENANT  WHAT
TIME  ana (cli)      read       r1   acme
TIME  unknown (cli)  exported   r1   acme
TIME  ana (cli)      cancelled  r3   acme
TIME  ana (cli)      erased     r1   acme
`)
  expect(untimed(await run('audit', '--by', 'ana', '--run', 'r1', '--newest', '--limit', '1'))).toMatch(
    /erased  .*\nThere is more: the same with --after 4\n$/,
  )
  expect(JSON.parse(await run('audit', '--action', 'erased', '--json'))).toMatchObject({
    audit: [{ runId: 'r1', by: { id: 'ana', source: 'cli' } }],
    next: null,
  })
  expect(await run('audit', '--tenant', 'other')).toBe('Nothing such was done.\n')
  expect(await run('audit', '--prune', '1d', '--by', 'ana')).toBe('0 entries forgotten.\n')
  expect((await reprise(['audit', '--prune', '1d', '--store', store], { cwd })).code).toBe(2)
  // What is forgotten is not chosen by anything but its age.
  for (const others of [
    ['--tenant', 'acme'],
    ['--run', 'r1'],
    ['--action', 'read'],
    ['--since', '2d'],
  ]) {
    const refused = await reprise(['audit', '--prune', '0d', '--by', 'ana', ...others, '--store', store], { cwd })
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('cannot be used with')])
  }
})

it('reprise export --subject hands out all that is kept of a person, and reprise erase --user erases it and says what is left', async () => {
  const { cwd, store } = await filled()
  const run = (...args: string[]) => reprise([...args, '--store', store], { cwd })
  const ann = ['--tenant', 'acme', '--user', 'ann']
  const { stdout } = await run('export', '--subject', ...ann, '--by', 'ana')
  const lines = stdout.trimEnd().split('\n')
  const parts = lines.map((line) => JSON.parse(line) as { kind: string; run?: { id: string }; runs?: number })
  expect(parts[0]).toMatchObject({ kind: 'subject', ...WHOSE, secrets: 'tokens' })
  expect(parts[1]).toMatchObject({ kind: 'schedule', schedule: { name: 'daily', input: 'Look' } })
  expect(parts.flatMap((part) => part.run?.id ?? [])).toEqual(['r1', 'r3'])
  expect(parts.at(-1)).toEqual({ kind: 'end', runs: 2 })

  const erased = await run('erase', ...ann, '--by', 'ana')
  expect({ ...erased, stdout: untimed(erased.stdout) }).toEqual({
    code: 1,
    stderr: '',
    stdout: `1 schedule deleted.
1 run of 1 lineage erased.
Not ended, and so kept with all of their lineages: r3. Cancel them, and do it again.
Out of reach from here:
  r1, exported by ana (cli) at TIME
`,
  })
  await run('cancel', 'r3')
  const again = await run('erase', ...ann, '--by', 'ana', '--json')
  expect([again.code, JSON.parse(again.stdout)]).toMatchObject([0, { lineages: 1, runs: 1, schedules: 0, active: [] }])
  expect((await run('erase', ...ann, '--by', 'ana')).stdout).toBe('Nothing is erased.\n')
  expect((await run('show', 'r2')).code).toBe(0)

  for (const wrong of [
    ['erase', '--by', 'ana'],
    ['erase', 'r2', '--user', 'ann', '--by', 'ana'],
    ['export', '--subject'],
    ['export', '--subject', '--user', 'ann', '--tag', 'web'],
    ['export', '--user', 'ann', '--reveal'],
  ])
    expect((await run(...wrong)).code).toBe(2)
})
