import { once } from 'node:events'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { call, clerk, deskRuntime, laterClerk, nightly, recordServed, reply, say } from '../desk.fixture.ts'
import { printed, reprise, start, tempFolder, writeConfig } from '../reprise.fixture.ts'

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

/** Prints times of the machine as they would be if none passed. */
function still(output: string): string {
  return output.replaceAll(/\+\d[\w. ]*(?=  )/g, (span) => '+0 ms'.padStart(span.length)).replaceAll(/ +\+0 ms/g, ' +0 ms')
}

describe('reprise resume', () => {
  it('brings a run as far as it goes, tells what happens, and prints its whole output', async () => {
    writeConfig(cwd)
    await enqueue('r')
    expect(still(await printed(['resume', 'r'], { cwd }))).toBe(
      `    1 +0 ms  clerk replies  scripted, tokens unknown, price unknown
                       says: {"total":7}
    2 +0 ms  the run is completed: {"total":7}
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
    const runtime = deskRuntime(store)
    await (await runtime.start(nightly, { ticket: 'Order a' }, { id: 'night' })).outcome()
    await runtime.close()
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
    writeConfig(cwd, '[desk.laterClerk]')
    const runtime = deskRuntime(store, [reply([call('c0', 'look', 'a')]), reply([call('c1', 'pay', 'a')]), hang])
    await runtime.start(clerk, 'Order a', { id: 'r' })
    await hanging
    await runtime.close()
    const { code, stdout, stderr } = await reprise(['resume', 'r'], { cwd })
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: '' })
  })

  it.skipIf(process.platform === 'win32')('gives the run back when it is interrupted, with what was under way', async () => {
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
    await once(child.stdout!, 'data')
    child.kill('SIGINT')
    expect(still((await ended).stdout)).toBe('')
    expect(await ended).toMatchObject({ code: 130, stderr: '' })
    const runtime = deskRuntime(store)
    expect(await runtime.runs.get('r')).toMatchObject({ status: 'running', owner: null })
    expect((await runtime.runs.entries('r')).map(({ kind }) => kind)).toEqual(['run.started', 'model.replied'])
    await runtime.close()
  })
})
