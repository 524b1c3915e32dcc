import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { cashier, call, deskRuntime, reply } from '../desk.fixture.ts'
import { printed, reprise, tempFolder, untimed, writeConfig } from '../reprise.fixture.ts'

const key = 'agent:0/turn:0/call:0'
let cwd: string

beforeEach(async () => {
  cwd = tempFolder()
  writeConfig(cwd)
  const runtime = deskRuntime(join(cwd, 'runs.db'), [reply([call('c0', 'refund', 'a')], 5_000)])
  await (await runtime.start(cashier, 'Refund a', { id: 'r' })).outcome()
  await runtime.close()
})

describe('a call that waits to be allowed', () => {
  it('is shown with its arguments and with what somebody can type', async () => {
    const lines = (await printed(['show', 'r'], { cwd })).split('\n')
    expect(lines.slice(1, 4)).toEqual([
      `  status   waiting for somebody to allow refund at ${key}`,
      `  go on    reprise approve r ${key} --by NAME (or reject)`,
      '  asked    cashier calls refund {"id":"a"}',
    ])
    const [, row] = (await printed(['runs'], { cwd })).split('\n')
    expect(row).toContain(`waiting for somebody to allow refund at ${key}: cashier calls refund {"id":"a"}`)
    expect(untimed(lines.slice(8).join('\n'))).toBe(
      `    1  cashier replies  gpt-4.1-mini-2025-04-14, 1,234 tokens in (83 % cached), 56 out, $0.000005
                       call:0 refund {"id":"a"}
    2  call:0 refund waits to be allowed
    3  the run waits for somebody to allow refund at ${key}
`,
    )
  })

  it('runs when it is approved', async () => {
    expect(untimed(await printed(['approve', 'r', key, '--by', 'ana'], { cwd }))).toBe(
      `    4  call:0 refund is allowed by ana
    5  call:0 refund returns "refunded a"
    6  cashier replies  scripted, tokens unknown, price unknown
                       says: {"total":7}
    7  the run is completed: "{\\"total\\":7}"
r is completed:
{"total":7}
2 turns, 1 call, 1,234 tokens in (83 % cached), 56 out, $0.000005 and 1 turn of unknown price
`,
    )
  })

  it('is listed with all that somebody needs to know, and how to say it', async () => {
    const listed = await printed(['approvals', '--store', 'runs.db'], { cwd })
    const [head = '', row = '', typed = ''] = listed.split('\n')
    expect(head.split(/ +/)).toEqual(['RUN', 'AGENT', 'CALL', 'AGE', 'UNTIL', 'WHAT'])
    expect(row).toMatch(/^r +cashier +refund \{"id":"a"\} {2,}\S.* {2,}may it run$/)
    expect(typed).toBe(`  reprise approve r ${key} --by NAME (or reject)`)
    expect(JSON.parse(await printed(['approvals', '--json'], { cwd }))).toMatchObject({
      asks: [{ kind: 'approval', runId: 'r', id: key, tool: 'refund', agent: 'cashier', arguments: { id: 'a' } }],
      next: null,
    })
    expect(await printed(['approvals', '--kind', 'answer'], { cwd })).toBe('Nobody is asked anything.\n')
  })

  it('runs with other arguments when it is approved with these', async () => {
    const told = await printed(['approve', 'r', key, '--by', 'ana', '--arguments', '{"id":"b"}'], { cwd })
    expect(untimed(told).split('\n').slice(0, 3)).toEqual([
      '    4  call:0 refund is allowed by ana, with {"id":"b"}',
      '    5  call:0 refund may run when somebody allows it',
      '    6  call:0 refund returns "refunded b"',
    ])
    const wrong = await reprise(['approve', 'r', key, '--by', 'ana', '--arguments', '[]'], { cwd })
    expect(wrong.stderr).toContain('It must be an object, with all the arguments.')
  })

  it('is refused with a reason when it is rejected', async () => {
    const rejected = await printed(['reject', 'r', key, '--by', 'ana', '--reason', 'too much'], { cwd })
    expect(untimed(rejected)).toBe(
      `    4  call:0 refund is refused by ana: Not executed: ana did not allow refund with these arguments: too much. Do not call it again like this.
    5  cashier replies  scripted, tokens unknown, price unknown
                       says: {"total":7}
    6  the run is completed: "{\\"total\\":7}"
r is completed:
{"total":7}
2 turns, 0 calls, 1,234 tokens in (83 % cached), 56 out, $0.000005 and 1 turn of unknown price
`,
    )
  })

  it('wants to know who says so', async () => {
    for (const name of ['approve', 'reject']) {
      expect(await reprise([name, 'r', key], { cwd })).toEqual({
        code: 2,
        stdout: '',
        stderr: `reprise: required option '--by <name>' not specified. See: reprise ${name} --help\n`,
      })
    }
  })

  it('is refused by its key where it does not wait', async () => {
    expect(await reprise(['approve', 'r', 'agent:0', '--by', 'ana'], { cwd })).toEqual({
      code: 1,
      stdout: '',
      stderr: `reprise: The run "r" has no call at "agent:0" that waits to be allowed. Waiting: ${key} (refund).\n`,
    })
  })
})
