import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { deskRuntime, recordDoubt, recordWaiting } from '../desk.fixture.ts'
import { printed, reprise, tempFolder, untimed, writeConfig } from '../reprise.fixture.ts'

const key = 'agent:0/turn:0/call:0'
let cwd: string
let store: string

beforeEach(() => {
  cwd = tempFolder()
  store = join(cwd, 'runs.db')
  writeConfig(cwd)
})

describe('reprise settle-doubt', () => {
  it('says that a call happened, and the run goes on', async () => {
    await recordDoubt(store)
    const [, status, goOn] = (await printed(['show', 'r'], { cwd })).split('\n')
    expect([status, goOn]).toEqual([
      `  status   waiting for a word on mail at ${key}, which may or may not have happened`,
      `  go on    reprise settle-doubt r ${key} --happened RESULT (or --did-not-happen)`,
    ])
    const output = await printed(['settle-doubt', 'r', key, '--happened', '"sent by hand"', '--by', 'ana'], { cwd })
    expect(untimed(output)).toBe(
      `    5  call:0 mail happened and returned "sent by hand", says ana
    6  writer replies  scripted, tokens unknown, price unknown
                       says: {"total":7}
    7  the run is completed: "{\\"total\\":7}"
r is completed:
{"total":7}
2 turns, 1 call, 1,234 tokens in (83 % cached), 56 out, $0.000005 and 1 turn of unknown price
`,
    )
  })

  it('says that a call did not happen, and it is done again', async () => {
    await recordDoubt(store)
    const { kind } = JSON.parse(await printed(['resolve', 'r', key, '--did-not-happen', '--json'], { cwd })) as {
      kind: string
    }
    expect(kind).toBe('completed')
    const runtime = deskRuntime(store)
    expect((await runtime.runs.entries('r')).slice(4).map((entry) => entry.kind)).toEqual([
      'run.waiting',
      'call.resolved',
      'call.intended',
      'call.returned',
      'model.replied',
      'run.completed',
    ])
    await runtime.close()
  })

  it('names the calls that are in doubt', async () => {
    await recordDoubt(store)
    expect(await reprise(['settle-doubt', 'r', 'agent:0', '--did-not-happen'], { cwd })).toEqual({
      code: 1,
      stdout: '',
      stderr: `reprise: The run "r" has no call in doubt at "agent:0". In doubt: ${key} (mail).\n`,
    })
  })

  it('asks for one of the two words on a call', async () => {
    await recordWaiting(store)
    const [none, both] = [
      await reprise(['settle-doubt', 'r', key], { cwd }),
      await reprise(['settle-doubt', 'r', key, '--happened', '1', '--did-not-happen'], { cwd }),
    ]
    expect(none).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'reprise: say what is known of the call: --happened <result> or --did-not-happen. See: reprise settle-doubt --help\n',
    })
    expect(both).toEqual({
      code: 2,
      stdout: '',
      stderr:
        "reprise: option '--happened <result>' cannot be used with option '--did-not-happen'. See: reprise settle-doubt --help\n",
    })
  })
})
