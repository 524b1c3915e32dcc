import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasStore, postgres } from '@reprise/postgres'
import { beforeAll, describe, expect, it } from 'vitest'
import { clerk, deskRuntime, recordServed } from '../desk.fixture.ts'
import { namedOnPostgres } from '../postgres.fixture.ts'
import { printed, reprise, tempFolder } from '../reprise.fixture.ts'

const cwd = tempFolder()
let at: Awaited<ReturnType<typeof namedOnPostgres>>

beforeAll(async () => {
  at = await namedOnPostgres()
  await recordServed(postgres(at.url, { schema: at.schema }), 'ticket-1')
})

describe('a store on Postgres that is named on the command line', () => {
  it('is read by its option, and by the environment', async () => {
    const byOption = await printed(['runs', '--store', at.name], { cwd })
    expect(byOption).toMatch(/^RUN .*\nticket-1 +agent clerk 1 .* completed +web\n$/)
    expect(await printed(['runs'], { cwd, env: { REPRISE_STORE: at.name } })).toBe(byOption)
    expect(await printed(['show', 'ticket-1', '--store', at.name], { cwd })).toContain('Order ticket-1 arrived broken')
    expect(await printed(['verify', '--store', at.name], { cwd })).toContain('1 run')
  })

  it('is written by a command that changes a run', async () => {
    const runtime = deskRuntime(postgres(at.url, { schema: at.schema }))
    await runtime.enqueue(clerk, 'Later', { id: 'later' })
    await runtime.close()
    await printed(['cancel', 'later', '--store', at.name], { cwd })
    expect(await printed(['runs', '--status', 'cancelled', '--store', at.name], { cwd })).toContain('later')
  })

  it('is not made by who only looks, and its password is not said', async () => {
    const { url, schema, name } = await namedOnPostgres()
    const { code, stdout, stderr } = await reprise(['runs', '--store', name], { cwd })
    const { host, password } = new URL(url)
    expect(stderr).toBe(
      `reprise: There is no store at postgres://postgres@${host}/postgres, schema "${schema}". Check the address and the schema.\n`,
    )
    expect([code, stdout]).toEqual([1, ''])
    expect(await hasStore(url, { schema })).toBe(false)

    const wrong = new URL(name)
    wrong.password = 'hunter2'
    const refused = await reprise(['runs', '--store', wrong.href], { cwd })
    expect(refused.stderr).toContain('did not let this user in')
    expect(refused.stderr).not.toContain('hunter2')
    expect(refused.stderr).not.toContain(password)
    expect(refused.code).toBe(1)

    const asked = new URL(wrong)
    asked.password = ''
    asked.searchParams.set('password', decodeURIComponent(password))
    asked.searchParams.set('schema', schema)
    const absent = await reprise(['runs', '--store', asked.href], { cwd })
    expect(absent.stderr).toContain('There is no store at')
    expect(absent.stderr).not.toContain('password')

    const broken = await reprise(['runs', '--store', 'postgres://u:hunter2@:x/d'], { cwd })
    expect(broken.stderr).toBe(
      'reprise: The address of the store cannot be read. Give one as postgres://user:password@host:5432/database?schema=reprise, with %XX for what has a meaning in addresses.\n',
    )
  })

  it('is read with its key, and the address of its keys', { tags: 'slow' }, async () => {
    const { url, schema, name } = await namedOnPostgres()
    const keys = url
    const key = randomBytes(32).toString('base64')
    await recordServed(postgres(url, { schema, encryption: { key }, keys }), 'secret')

    const locked = await reprise(['show', 'secret', '--store', name], { cwd })
    expect(locked.stderr).toContain('is encrypted, and no key was given')
    expect(locked.code).toBe(1)
    const env = { REPRISE_STORE: name, REPRISE_KEY: key, REPRISE_KEYS: keys }
    expect(await printed(['show', 'secret'], { cwd, env })).toContain('Order secret arrived broken')
  })

  it('is looked at by doctor', { tags: 'slow' }, async () => {
    const { url, schema, name } = await namedOnPostgres()
    const runtime = deskRuntime(postgres(url, { schema }))
    await runtime.enqueue(clerk, 'Now', { id: 'late' })
    await runtime.close()
    // It was created in the past, by the clock of the desk.
    const { code, stdout } = await reprise(['doctor', '--store', name], { cwd })
    expect(stdout).toMatch(/^ok +store +postgres:\/\/127\.0\.0\.1:\d+\/postgres, schema "cli_\w+"\n/)
    expect(stdout).toMatch(/ok +server +Postgres \d+/)
    expect(stdout).toMatch(/ok +schema +1, as of this program/)
    // As the server of the tests was told.
    expect(stdout).toMatch(/wrong +durability +fsync is off: /)
    expect(stdout).toContain('1 queued')
    expect(stdout).toMatch(/wrong +runs +1 run could not be worked: late \(unclaimed\)\n/)
    expect(stdout).toContain('reprise runs --stuck')
    expect(stdout).toMatch(/wrong +queue +1 run could be taken, the first of them for /)
    expect(code).toBe(1)
    const absent = await namedOnPostgres()
    const asked = await reprise(['doctor', '--store', name, '--json'], { cwd })
    expect(JSON.parse(asked.stdout)).toMatchObject({
      healthy: false,
      found: { schema: { found: 1 }, queue: [{ name: 'clerk', ready: 1 }], blobs: { areOutside: false } },
    })
    const missed = await reprise(['doctor', '--store', absent.name], { cwd })
    expect(missed.stdout).toMatch(/^wrong +store +There is no store at /)
    expect(missed.code).toBe(1)
  })

  it('is looked at by doctor where a config has it, with what that gives it', { tags: 'slow' }, async () => {
    const { url, schema } = await namedOnPostgres()
    const key = randomBytes(32).toString('base64')
    const folder = tempFolder()
    const path = JSON.stringify(join(import.meta.dirname, '../desk.fixture.ts'))
    writeFileSync(
      join(folder, 'reprise.config.ts'),
      `import { createRuntime } from '@reprise/core'
import { postgres } from '@reprise/postgres'
import * as desk from ${path}
export const runtime = desk.reopening(() => createRuntime({
  store: postgres(${JSON.stringify(url)}, { schema: '${schema}', encryption: { key: '${key}' } }), models: desk.models,
  definitions: desk.definitions, retention: { completed: '30d' },
}))`,
    )
    await using other = postgres(at.url, { schema: at.schema })
    await other.run('nobody')
    const { stdout } = await reprise(['doctor'], { cwd: folder })
    expect(stdout).toMatch(new RegExp(`ok +store +postgres://127\\.0\\.0\\.1:\\d+/postgres, schema "${schema}"\n`))
    expect(stdout).toMatch(/ok +key +encrypted, and the key and its keys fit/)
    expect(stdout).toMatch(/ok +growth +0 runs have ended and are kept; retention: completed 30d/)
    expect(stdout).not.toContain(at.schema)
  })

  it('is told of a restore of its database', { tags: 'slow' }, async () => {
    const { url, schema, name } = await namedOnPostgres()
    const runtime = deskRuntime(postgres(url, { schema }))
    await runtime.enqueue(clerk, 'Now', { id: 'open' })
    await runtime.close()
    expect(await printed(['restored', '--store', name, '--by', 'ana'], { cwd })).toBe(
      `1 run had not ended by then, and is in quarantine.
List them with: reprise runs --status quarantined. Look at each, then: reprise unquarantine RUN --by NAME
`,
    )
    expect(await printed(['runs', '--status', 'quarantined', '--store', name], { cwd })).toContain('open')
    expect(await printed(['unquarantine', 'open', '--store', name, '--by', 'ana'], { cwd })).toContain('is released')
    expect(await printed(['restored', '--store', name, '--by', 'ana', '--go-on', 'clerk'], { cwd })).toBe(
      'No run waits: none had not ended by then, or all that had not go on.\n',
    )
    expect(await printed(['runs', '--status', 'running', '--store', name], { cwd })).toContain('open')
    const ofFile = await reprise(['restored', '--store', 'runs.db', '--by', 'ana'], { cwd })
    expect(ofFile.stderr).toContain(
      'runs.db is a file. For a backup of one there is: reprise restore BACKUP --store FILE',
    )
  })

  it('is backed up and restored with its database, which is said', async () => {
    const backup = await reprise(['backup', 'copy.db', '--store', at.name], { cwd })
    expect(backup.stderr).toMatch(/^reprise: A journal on Postgres is backed up with its database: by pg_dump/)
    const restore = await reprise(['restore', 'copy.db', '--store', at.name], { cwd })
    expect(restore.stderr).toMatch(
      /^reprise: A journal on Postgres is restored with its database, .*reprise restored --store/,
    )
    expect([backup.code, restore.code]).toEqual([1, 1])
  })
})
