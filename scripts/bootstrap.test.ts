import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let root: string
let programs: string
let calls: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'reprise-bootstrap-'))
  programs = join(root, 'programs')
  calls = join(root, 'calls')
  for (const folder of ['scripts', 'packages/a', 'examples', 'node_modules', 'programs']) {
    mkdirSync(join(root, folder), { recursive: true })
  }
  cpSync(join(import.meta.dirname, 'bootstrap.mjs'), join(root, 'scripts/bootstrap.mjs'))
  writeFileSync(calls, '')
  program('npm', 'exit 0')
  program('pnpm', '[ "$1" = --version ] && echo 12.0.0; exit 0')
})

afterEach(() => rmSync(root, { recursive: true }))

describe.skipIf(process.platform === 'win32')('the bootstrap', () => {
  it('passes the exit code of the command on', () => {
    expect(bootstrap('node', '-e', 'process.exit(7)').status).toBe(7)
  })

  it('passes a signal on', async () => {
    const script = "process.on('SIGTERM', () => process.exit(3)); console.log('ready'); setInterval(() => {}, 1000)"
    const child = spawn(process.execPath, ['scripts/bootstrap.mjs', 'node', '-e', script], {
      cwd: root,
      env: environment(),
    })
    child.stdout.once('data', () => child.kill('SIGTERM'))
    expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(3)
  })

  it('leaves stdout to the command', () => {
    program('pnpm', '[ "$1" = --version ] && echo 12.0.0 || echo chatter; exit 0')
    const { stdout, stderr } = bootstrap('node', '-p', '1')
    expect([stdout, stderr]).toEqual(['1\n', 'Installing packages (once).\nchatter\n'])
  })

  it('installs packages once, and again when a manifest changes', { tags: 'slow' }, () => {
    bootstrap('node', '-e', '')
    bootstrap('node', '-e', '')
    expect(performed()).toEqual(['pnpm install --frozen-lockfile --loglevel=warn'])
    writeFileSync(join(root, 'packages/a/package.json'), '{}')
    bootstrap('node', '-e', '')
    expect(performed()).toHaveLength(2)
  })

  it('stops before the command when the packages cannot be installed, and tries again the next time', () => {
    program('pnpm', '[ "$1" = --version ] && echo 12.0.0 && exit 0; exit 9')
    for (const _ of [1, 2]) {
      const { status, stdout, stderr } = bootstrap('node', '-p', '1')
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
      expect(stderr).toBe('Installing packages (once).\npnpm install failed (exit 9): see above.\n')
    }
  })

  it('fetches pnpm into the tools folder when the one on PATH is of another age', { tags: 'slow' }, () => {
    program('pnpm', 'echo 9.15.0')
    program(
      'npm',
      `mkdir -p ${root}/.tools/node_modules/.bin && cp ${programs}/pnpm12 ${root}/.tools/node_modules/.bin/pnpm`,
    )
    program('pnpm12', '[ "$1" = --version ] && echo 12.0.0; exit 0')
    bootstrap('node', '-e', '')
    bootstrap('node', '-e', '')
    expect(performed()).toEqual([
      `npm install --prefix ${root}/.tools --no-package-lock --no-audit --no-fund --loglevel=error pnpm@12.21.0`,
      'pnpm12 install --frozen-lockfile --loglevel=warn',
    ])
  })

  it('names a command that is not there', () => {
    const { status, stderr } = bootstrap('nonesuch')
    expect(status).toBe(1)
    expect(stderr).toContain('Cannot run nonesuch: spawn nonesuch ENOENT\n')
  })
})

/** Puts a shell script on PATH that notes how it is called, but for questions of its version. */
function program(name: string, script: string) {
  const path = join(programs, name)
  writeFileSync(path, `#!/bin/sh\n[ "$1" = --version ] || echo "${name} $*" >> ${calls}\n${script}\n`)
  chmodSync(path, 0o755)
}

function performed(): string[] {
  return readFileSync(calls, 'utf8').trim().split('\n')
}

function bootstrap(...command: string[]) {
  const args = ['scripts/bootstrap.mjs', ...command]
  return spawnSync(process.execPath, args, { cwd: root, env: environment(), encoding: 'utf8' })
}

function environment() {
  return { PATH: programs + delimiter + '/usr/bin' + delimiter + '/bin' }
}
