import { once } from 'node:events'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { clerk, deskRuntime, recordWaiting, reply } from '../desk.fixture.ts'
import { printed, reprise, start, tempFolder, untimed, writeConfig } from '../reprise.fixture.ts'

let cwd: string
let store: string

beforeEach(() => {
  cwd = tempFolder()
  store = join(cwd, 'runs.db')
})

/** Leaves a run to whoever comes by. */
async function enqueue(id: string): Promise<void> {
  const runtime = deskRuntime(store)
  await runtime.enqueue(clerk, 'Order a', { id })
  await runtime.close()
}

describe('reprise resume', () => {
  it('brings a run as far as it goes, tells what happens, and prints its whole output', async () => {
    writeConfig(cwd)
    await enqueue('r')
    expect(untimed(await printed(['resume', 'r'], { cwd }))).toBe(
      `    1  clerk replies  scripted, tokens unknown, price unknown
                       says: {"total":7}
    2  the run is completed: {"total":7}
r is completed:
{
  "total": 7
}
1 turn, 0 calls, 0 tokens in, 0 out, $0.000000 and 1 turn of unknown price
`,
    )
    expect(JSON.parse(await printed(['resume', 'r', '--json'], { cwd }))).toMatchObject({
      runId: 'r',
      kind: 'completed',
      output: { total: 7 },
    })
  })

  it('ends well with a run that waits for somebody, and tells what to type', async () => {
    writeConfig(cwd)
    await recordWaiting(store)
    expect(await printed(['resume', 'night'], { cwd })).toBe(
      `night waits for the signal review
Go on with: reprise send night review PAYLOAD
3 turns, 3 calls, 3,702 tokens in (83 % cached), 168 out, $0.000246 and 1 turn of unknown price
`,
    )
  })

  it('exits with 1 when the run failed', async () => {
    writeConfig(cwd)
    const runtime = deskRuntime(store, [reply([{ kind: 'refusal', text: 'I would rather not.' }], 5_000)])
    await (await runtime.start(clerk, 'Order a', { id: 'r' })).outcome()
    await runtime.close()
    expect(await reprise(['resume', 'r'], { cwd })).toEqual({
      code: 1,
      stderr: '',
      stdout: `r ended as refused: The model refused to answer. Its words stand in \`text\`.
I would rather not.
1 turn, 0 calls, 1,234 tokens in (83 % cached), 56 out, $0.000005
`,
    })
  })

  it('does not take a run up whose path today’s code would not go', async () => {
    writeConfig(cwd, '[desk.laterNightly]')
    await recordWaiting(store)
    expect(await reprise(['resume', 'night'], { cwd })).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'reprise: The run "night" cannot go on under today\'s code of workflow "nightly", version 1: its entry 1 is child.started at agent:clerk, and today\'s code would wait for receive:review. Pin it: give createRuntime the version that wrote it beside today\'s; or patch it: let the code go the old way where ctx.patched("an id") is false; or fork it before that step: runtime.fork("night", { at: 1 }).\n',
    })
  })

  it.skipIf(process.platform === 'win32')(
    'gives the run back when it is interrupted, with what was under way',
    async () => {
      // Its model answers when the process is asked to stop.
      writeConfig(
        cwd,
        'desk.definitions',
        `desk.models.ask = async function* () {
  console.log('asked')
  await new Promise((resolve) => process.once('SIGINT', resolve))
  yield { kind: 'reply', reply: desk.served[0] }
}`,
      )
      await enqueue('r')
      const { child, ended } = start(['resume', 'r'], { cwd })
      await once(child.stdout, 'data')
      child.kill('SIGINT')
      const { code, stdout, stderr } = await ended
      expect({ code, stderr, stdout: untimed(stdout) }).toEqual({
        code: 130,
        stderr: '',
        stdout: `asked
    1  clerk replies  gpt-4.1-mini-2025-04-14, 1,234 tokens in (83 % cached), 56 out, $0.000123
                       says: Let me look.
                       call:0 look {"id":"a"}
r was interrupted: The runtime was stopped. Resume the run to go on.
1 turn, 0 calls, 1,234 tokens in (83 % cached), 56 out, $0.000123
`,
      })
      const runtime = deskRuntime(store)
      expect(await runtime.runs.get('r')).toMatchObject({
        status: 'waiting',
        waiting: { kind: 'interrupted', error: { code: 'runtime_stopped' } },
        owner: null,
      })
      expect((await runtime.runs.entries('r')).map(({ kind }) => kind)).toEqual(['run.started', 'model.replied'])
      await runtime.close()
    },
  )
})
