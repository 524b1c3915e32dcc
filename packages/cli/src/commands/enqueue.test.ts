import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { deskRuntime } from '../desk.fixture.ts'
import { printed, reprise, tempFolder, writeConfig } from '../reprise.fixture.ts'

let cwd: string

beforeEach(() => {
  cwd = tempFolder()
  writeConfig(cwd)
})

async function rowOf(runId: string) {
  const runtime = deskRuntime(join(cwd, 'runs.db'))
  try {
    return await runtime.runs.get(runId)
  } finally {
    await runtime.close()
  }
}

describe('reprise enqueue', () => {
  it('queues a run, which is the same run with the same input', async () => {
    const args = ['enqueue', 'clerk', '--input', '"Order a arrived broken"', '--id', 'ticket-1']
    expect(await printed(args, { cwd })).toBe('ticket-1 is queued for a worker.\n')
    expect(await printed(args, { cwd })).toBe('ticket-1 is queued for a worker.\n')
    expect(await rowOf('ticket-1')).toMatchObject({ kind: 'agent', name: 'clerk', status: 'queued', owner: null })
    await printed(['resume', 'ticket-1'], { cwd })
    expect(await printed(args, { cwd })).toBe('ticket-1 was there before: it is completed.\n')
    const other = await reprise([...args.slice(0, 3), '"Another"', '--id', 'ticket-1'], { cwd })
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('ticket-1') as string })
  })

  it('queues it as it is told, and names it where it was given no id', async () => {
    const how = [
      '--concurrency-key',
      'oslo',
      '--concurrency-limit',
      '3',
      '--priority',
      '5',
      '--at',
      '2100-01-01T02:00Z',
    ]
    const times = ['--expire', '1h', '--deadline', '2d', '--tenant', 'acme', '--user', 'ann']
    const said = await printed(['enqueue', 'nightly', '--input', '{"ticket":"Order a"}', ...how, ...times], { cwd })
    const [, id = ''] = /^(\S+) is queued for a worker, from 2100-01-01 02:00:00Z on\.\n$/.exec(said) ?? []
    const at = Date.UTC(2100, 0, 1, 2)
    expect(await rowOf(id)).toMatchObject({
      kind: 'workflow',
      name: 'nightly',
      concurrency: { key: 'oslo', limit: 3 },
      priority: 5,
      wakeAt: at,
      expireAt: at + 3_600_000,
      deadlineAt: at + 2 * 86_400_000,
      tenant: 'acme',
      user: 'ann',
    })
  })

  it('queues it for some time later, and prints JSON', async () => {
    const before = Date.now()
    const args = ['enqueue', 'clerk', '--input', '"Order a"', '--id', 'later', '--delay', '24h', '--json']
    expect(JSON.parse(await printed(args, { cwd }))).toEqual({ runId: 'later', kind: 'queued' })
    const { wakeAt } = await rowOf('later')
    expect(wakeAt).toBeGreaterThanOrEqual(before + 86_400_000)
    expect(wakeAt).toBeLessThanOrEqual(Date.now() + 86_400_000)
  })

  it.each([
    [['--at', 'soon'], 'It must be a day or an ISO time: 2026-12-24T08:00Z.'],
    [['--delay', '5'], 'It must be a length of time: 90s, 30m, 24h, 7d, 2w.'],
    [['--at', '2100-01-01', '--delay', '5m'], "option '--at <time>' cannot be used with option '--delay <time>'."],
    [['--priority', 'high'], 'It must be a whole number.'],
    [['--concurrency-limit', '2'], '--concurrency-limit goes with --concurrency-key.'],
  ])('does nothing with %j', async (given, message) => {
    const { code, stderr } = await reprise(['enqueue', 'clerk', '--input', '"a"', ...given], { cwd })
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) as string })
    expect(stderr).toContain('See: reprise enqueue --help')
  })

  it('refuses what the definition does not take, and what the config does not have', async () => {
    const bad = await reprise(['enqueue', 'nightly', '--input', '{"ticket":7}'], { cwd })
    expect(bad).toMatchObject({ code: 1, stderr: expect.stringContaining('ticket: ') as string })
    expect(await reprise(['enqueue', 'clerc', '--input', '"a"'], { cwd })).toEqual({
      code: 1,
      stdout: '',
      stderr: `reprise: The config at ${join(cwd, 'reprise.config.ts')} has no definition "clerc". It has: agent clerk, agent writer, agent cashier, team desk, workflow nightly, workflow rounds. Give one of them, or add it to createRuntime({ definitions }).\n`,
    })
    expect((await reprise(['enqueue', 'clerk'], { cwd })).code).toBe(2)
  })
})
