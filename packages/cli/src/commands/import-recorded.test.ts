import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { printed, reprise, tempFolder } from '../reprise.fixture.ts'

let cwd: string

beforeEach(() => {
  cwd = tempFolder()
})

const user = { role: 'user', content: 'Where is it?' }
const says = { role: 'assistant', content: 'Here.' }

function lines(...objects: readonly object[]): string {
  return objects.map((object) => `${JSON.stringify(object)}\n`).join('')
}

describe('reprise import --from', () => {
  it('makes runs of conversations that were recorded elsewhere, and names what is not taken', async () => {
    const text = lines(
      { messages: [user, says, user, says] },
      { messages: [user, says] },
      { messages: [{ role: 'user', content: 'And that?' }] },
      { messages: [{ role: 'user', content: 'And those?' }] },
    )
    writeFileSync(join(cwd, 'old chat.jsonl'), text)
    const args = ['import', 'old chat.jsonl', '--from', 'chat-jsonl', '--name', 'support', '--tag', 'old']
    expect(await printed([...args, '--store', 'runs.db'], { cwd })).toBe(
      `2 runs are imported, and 0 runs are there already.
3 parts of the file are not taken:
  line 3 and 1 other place: It has no reply of a model. The ask failed, or was recorded alone.
  line 1: The run holds the conversation up to the second turn of the user ("Where is it?"): 2 items from there on are not in it.
`,
    )
    const shown = JSON.parse(await printed(['runs', '--store', 'runs.db', '--tag', 'old', '--json'], { cwd })) as {
      runs: { id: string; name: string; status: string }[]
    }
    expect(shown.runs.map(({ id, name, status }) => [id, name, status])).toEqual([
      ['old_chat-line-1', 'support', 'completed'],
      ['old_chat-line-2', 'support', 'completed'],
    ])
    expect(await printed(['verify', '--store', 'runs.db'], { cwd })).toContain('every hash holds.')
  })

  it('reads stdin, and gives all of it as JSON', async () => {
    const stdin = (async function* () {
      yield lines({ id: 'a', messages: [user, says] }, { a: 1 })
    })()
    const args = ['import', '-', '--from', 'chat-jsonl', '--store', 'runs.db', '--json']
    expect(JSON.parse(await printed(args, { cwd, stdin }))).toEqual({
      runs: ['a'],
      parked: [],
      present: [],
      notTaken: [{ where: 'line 2', why: 'It has none of `messages`, `input` and `request`. It has: a.' }],
      passed: {},
    })
  })

  it('fails where the file has no conversation', async () => {
    writeFileSync(join(cwd, 'a.jsonl'), lines({ a: 1 }))
    const args = ['import', 'a.jsonl', '--from', 'chat-jsonl', '--store', 'runs.db']
    const { code, stdout } = await reprise(args, { cwd })
    expect(code).toBe(1)
    expect(stdout).toMatch(/\nNo conversation was found in the file\. Check that it is what --from says\.\n$/)
    expect((await reprise([...args, '--json'], { cwd })).code).toBe(1)
  })

  it('refuses a format that is none, and what goes with one alone', async () => {
    expect((await reprise(['import', 'a', '--from', 'csv'], { cwd })).stderr).toMatch(
      /^reprise: option '--from <format>' argument 'csv' is invalid\. Allowed choices are agents-trace, chat-jsonl, langsmith, otel-genai\./,
    )
    writeFileSync(join(cwd, 'a.jsonl'), '')
    expect(await reprise(['import', 'a.jsonl', '--name', 'support'], { cwd })).toEqual({
      code: 2,
      stdout: '',
      stderr: 'reprise: --name, --once and --tag go with --from. See: reprise import --help\n',
    })
    expect(await printed(['import', '--help'], { cwd })).toContain('--from langsmith')
  })
})
