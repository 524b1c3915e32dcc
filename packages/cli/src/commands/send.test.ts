import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { deskRuntime, nightly, recordRounds, recordServed, recordWaiting } from '../desk.fixture.ts'
import { printed, reprise, tempFolder, untimed, writeConfig } from '../reprise.fixture.ts'

let cwd: string
let store: string

beforeEach(() => {
  cwd = tempFolder()
  store = join(cwd, 'runs.db')
  writeConfig(cwd, 'desk.definitions', 'export const { review } = desk')
})

describe('reprise send', () => {
  it('sends a signal to a run that waits, which goes on here', async () => {
    await recordWaiting(store)
    const output = await printed(['send', 'night', 'review', '{ "approved": true }'], { cwd })
    expect(untimed(output)).toBe(
      `    5  the signal review comes with {"approved":true}
    6  the run is completed: {"total":12,"approved":true}
night is completed:
{
  "total": 12,
  "approved": true
}
3 turns, 3 calls, 3,702 tokens in (83 % cached), 168 out, $0.000246 and 1 turn of unknown price
`,
    )
  })

  it('keeps a signal for a run that is queued', async () => {
    const runtime = deskRuntime(store)
    await runtime.enqueue(nightly, { ticket: 'Order a' }, { id: 'queued' })
    expect(await printed(['send', 'queued', 'review', '{"approved":false}'], { cwd })).toBe(
      'The signal review is kept for queued, which is queued.\n',
    )
    expect(await (await runtime.resume('queued')).result()).toEqual({ total: 12, approved: false })
    await runtime.close()
  })

  it('keeps a signal for a run that is not there yet where asked, and refuses it else', async () => {
    expect((await reprise(['send', 'soon', 'review', '{"approved":true}'], { cwd })).stderr).toContain(
      'There is no run "soon"',
    )
    expect(await printed(['send', 'soon', 'review', '{"approved":false}', '--early'], { cwd })).toBe(
      'The signal review waits for soon, which is not there yet.\n',
    )
    const runtime = deskRuntime(store)
    await runtime.enqueue(nightly, { ticket: 'Order a' }, { id: 'soon' })
    expect(await (await runtime.resume('soon')).result()).toEqual({ total: 12, approved: false })
    await runtime.close()
  })

  it('queues a run with the signal where there is none and it is told of what, and sends to it afterwards', async () => {
    const create = ['--create', 'nightly', '--input', '{"ticket":"Order a"}', '--priority', '-2', '--tenant', 'acme']
    const args = ['send', 'soon', 'review', '{"approved":true}', ...create]
    expect(await printed(args, { cwd })).toBe('soon is queued for a worker, with the signal review.\n')
    expect(await printed(args, { cwd })).toBe('The signal review is kept for soon, which is queued.\n')
    const runtime = deskRuntime(store)
    expect(await runtime.runs.get('soon')).toMatchObject({ name: 'nightly', priority: -2, tenant: 'acme' })
    expect(await (await runtime.resume('soon')).result()).toEqual({ total: 12, approved: true })
    await runtime.close()
    const other = [...args.slice(0, -1), 'umbrella']
    expect((await reprise(other, { cwd })).stderr).toMatch(/^reprise: .*soon/)
  })

  it.each([
    [['--create', 'nightly'], '--create needs what the run is given: --input <json>'],
    [['--input', 'true'], '--input, and what says how a run is queued, go with --create <workflow>'],
    [['--priority', '1'], '--input, and what says how a run is queued, go with --create <workflow>'],
    [
      ['--create', 'nightly', '--input', '1', '--concurrency-limit', '2'],
      '--concurrency-limit goes with --concurrency-key',
    ],
    [
      ['--create', 'nightly', '--input', '1', '--early'],
      "option '--early' cannot be used with option '--create <workflow>'",
    ],
  ])('does nothing with %j alone', async (given, message) => {
    const { code, stderr } = await reprise(['send', 'soon', 'review', '{"approved":true}', ...given], { cwd })
    expect({ code, stderr }).toEqual({ code: 2, stderr: `reprise: ${message}. See: reprise send --help\n` })
  })

  it('says which workflows the config has, where it has none of the name', async () => {
    const create = ['--create', 'clerk', '--input', '1']
    expect((await reprise(['send', 'soon', 'review', '{"approved":true}', ...create], { cwd })).stderr).toBe(
      `reprise: The config at ${join(cwd, 'reprise.config.ts')} has no workflow "clerk". It has: workflow nightly, workflow rounds. Give one of them, or add it to createRuntime({ definitions }).\n`,
    )
  })

  it('reaches the run that a run goes on as, and tells how that goes on', async () => {
    await recordRounds(store)
    expect(untimed(await printed(['send', 'r', 'review', '{"approved":false}'], { cwd }))).toBe(
      `    2  the signal review comes with {"approved":false}
    3  the run goes on as r~3
    0  workflow rounds starts with {"round":3}
    1  the run waits for the signal review
r~3 waits for the signal review
Go on with: reprise send 'r~3' review PAYLOAD
0 turns, 0 calls, 0 tokens in, 0 out, $0.000000
`,
    )
    const [, , end] = untimed(await printed(['send', 'r', 'review', '{"approved":true}'], { cwd })).split('\n')
    expect(end).toBe('r~3 is completed:')
  })

  it('prints the outcome as JSON', async () => {
    await recordWaiting(store)
    const outcome: unknown = JSON.parse(
      await printed(['send', 'night', 'review', '{"approved":true}', '--json'], { cwd }),
    )
    expect(outcome).toMatchObject({ runId: 'night', kind: 'completed', output: { total: 12, approved: true } })
  })

  it('refuses what the signal does not take, and leaves the run as it is', async () => {
    await recordWaiting(store)
    expect(await reprise(['send', 'night', 'review', '{"approved":"yes"}'], { cwd })).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'reprise: The signal "review" cannot be sent to the run "night". The value breaks its schema in one place: - approved: Invalid input: expected boolean, received string; got "yes"\n',
    })
    const runtime = deskRuntime(store)
    expect((await runtime.runs.entries('night')).at(-1)?.kind).toBe('run.waiting')
    await runtime.close()
  })

  it('refuses a signal that the config does not export', async () => {
    await recordWaiting(store)
    expect(await reprise(['send', 'night', 'revue', 'true'], { cwd })).toEqual({
      code: 1,
      stdout: '',
      stderr: `reprise: The config at ${join(cwd, 'reprise.config.ts')} exports no signal "revue", and a payload is checked by its signal. It exports: review. Export the signal from it.\n`,
    })
  })

  it('refuses a run that is no workflow’s', async () => {
    await recordServed(store, 'r')
    expect(await reprise(['send', 'r', 'review', '{"approved":true}'], { cwd })).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'reprise: The signal "review" cannot be sent to the run "r": it is a run of an agent, and only workflows receive signals.\n',
    })
  })
})
