import { spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, test } from 'vitest'
import { clerk, deskRuntime, recordServed, recordWaiting } from '../desk.fixture.ts'
import { printed, reprise, tempFolder } from '../reprise.fixture.ts'

const cwd = tempFolder()
const store = join(cwd, 'runs.db')
const env = { REPRISE_STORE: store }

beforeAll(async () => {
  await recordServed(store, 'ticket-1')
  await recordWaiting(store)
  const runtime = deskRuntime(store)
  await runtime.enqueue(clerk, 'Later', { id: 'ticket-2', tags: ['mail', 'late night'] })
  for (const name of ['weekly', 'daily'])
    await runtime.schedule(name, { cron: `@${name}`, definition: clerk, input: 'Sum up' })
  await runtime.close()
})

/** What the words of a line may go on as: all of the values. */
async function completed(...words: readonly string[]): Promise<string[]> {
  const stdout = await printed(['complete-words', 'zsh', '--', ...words], { cwd, env })
  return stdout.split('\n').flatMap((line) => line.split('\t')[0] || [])
}

describe('reprise completion', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['a command', ['un'], ['unquarantine']],
    ['a command to be helped with', ['help', 'sho'], ['show']],
    ['an option', ['runs', '--st'], ['--status', '--stuck', '--store']],
    ['an option that was not given yet', ['runs', '--status', 'failed', '--st'], ['--stuck', '--store']],
    ['a choice', ['runs', '--status', 'c'], ['completed', 'cancelled']],
    ['a choice behind its option', ['runs', '--status=q'], ['--status=queued', '--status=quarantined']],
    ['a shell', ['completion', 'b'], ['bash']],
    ['a command below another', ['schedules', 're'], ['resume', 'remove']],
    ['a schedule', ['schedules', 'pause', ''], ['daily', 'weekly']],
    ['a schedule that is a value', ['schedules', '--after', 'd'], ['daily']],
    ['a run, the newest first', ['show', ''], ['ticket-2', 'night/agent:clerk', 'night', 'ticket-1']],
    ['a run by its beginning', ['show', '--json', 'ti'], ['ticket-2', 'ticket-1']],
    ['a run that a command can be for', ['cancel', ''], ['ticket-2', 'night']],
    ['a run that is a value', ['runs', '--parent', 'night/'], ['night/agent:clerk']],
    ['a name', ['runs', '--name', ''], ['clerk', 'nightly']],
    ['a tag', ['runs', '--tag', ''], ['mail', 'late night', 'web']],
    ['a signal that a run waits for', ['send', 'night', ''], ['review']],
    ['a definition that has had runs', ['enqueue', ''], ['clerk', 'nightly']],
    ['a workflow', ['send', 'soon', 'review', 'true', '--create', ''], ['nightly']],
    ['a file, which the shell knows better', ['runs', '--store', ''], []],
    ['what is free', ['gc', '--older-than', ''], []],
    ['an unknown command', ['shwo', ''], []],
    ['a second run', ['show', 'night', ''], []],
  ])('knows %s', async (_, words, values) => {
    expect(await completed(...words)).toEqual(values)
  })

  it('says what a value is', async () => {
    expect(await printed(['complete-words', 'fish', '--', 'show', 'nig'], { cwd, env })).toBe(
      'night/agent:clerk\tagent clerk, completed\nnight\tworkflow nightly, waiting\n',
    )
  })

  it('takes the store that the line names, and says nothing where there is none', async () => {
    const elsewhere = tempFolder()
    const named = await printed(['complete-words', 'zsh', '--', 'show', '--store', store, 'ticket-2'], {
      cwd: elsewhere,
    })
    expect(named).toBe('ticket-2\tagent clerk, queued\n')
    const words = ['complete-words', 'zsh', '--', 'show', '']
    expect(await reprise(words, { cwd: elsewhere })).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it.each<[string, string, string]>([
    ['the whole word', 'reprise show nig', 'night/agent:clerk\nnight\n'],
    ['what comes after a colon, at which bash breaks words', 'reprise show night/agent:c', 'clerk\n'],
    ['a word in quotes, without quotes of its own', 'reprise runs --tag "la', 'late night\n'],
    ['a word that needs quotes, with them', 'reprise runs --tag l', 'late\\ night\n'],
    ['a word behind one in quotes', `reprise show --config 'a b' tick`, 'ticket-2\nticket-1\n'],
  ])('gives bash %s', async (_, line, replies) => {
    expect(await printed(['complete-words', 'bash', '--', line, ' \t\n"\'><=;|&(:'], { cwd, env })).toBe(replies)
  })
})

/** Has a real shell complete, by a `reprise` on its path. */
function inShell(shell: string, script: string) {
  const bin = tempFolder()
  const command = join(bin, 'reprise')
  const main = join(import.meta.dirname, '../../bin/reprise.js')
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`)
  chmodSync(command, 0o755)
  const path = `${bin}:${process.env['PATH'] ?? ''}`
  return spawnSync(shell, ['-c', script], { cwd, env: { ...env, PATH: path, HOME: bin }, encoding: 'utf8' })
}

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0

test.skipIf(!has('bash'))('bash completes by the script, and does not run what was typed', { tags: 'slow' }, () => {
  const { stdout, stderr } = inShell(
    'bash',
    `source <(reprise completion bash)
complete -p reprise
for line in 'reprise unq' 'reprise show night/agent:c' 'reprise show $(echo pwned >pwned) '; do
  COMP_LINE=$line COMP_POINT=\${#line}; _reprise_completion; printf '<%s>' "\${COMPREPLY[@]}"; echo
done
ls pwned`,
  )
  expect(stdout).toMatch(/^complete .*-F _reprise_completion reprise\n<unquarantine>\n<clerk>\n<>\n$/)
  expect(stderr).toMatch(/pwned/)
})

test.skipIf(!has('zsh'))('zsh reads the script', { tags: 'slow' }, () => {
  const script = 'autoload -U compinit; compinit -u; source <(reprise completion zsh); print -- $_comps[reprise]'
  expect(inShell('zsh', script).stdout).toBe('_reprise\n')
})

test.skipIf(!has('fish'))('fish completes by the script', { tags: 'slow' }, () => {
  const script = "reprise completion fish | source; complete --do-complete 'reprise unq'"
  expect(inShell('fish', script).stdout).toMatch(/^unquarantine\t/)
})
