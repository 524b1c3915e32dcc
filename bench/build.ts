// Builds what is measured: the packages as they would be published, not their sources, and the benchmark beside them.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** The packages that are measured. */
const packages = ['core', 'fake-openai', 'format', 'openai', 'postgres', 'store', 'testing'] as const

/**
 * Builds everything.
 *
 * @returns the folder of the built benchmark.
 */
export function build(): string {
  const built = join(import.meta.dirname, '.build')
  rmSync(built, { recursive: true, force: true })
  perform(root, 'tsc', '--build', 'tsconfig.build.json')
  perform(root, 'tsc', '--project', 'bench')
  unpack(root, built)
  return built
}

/**
 * Builds the same benchmark over the packages of another commit, in a checkout that `work` has the use of.
 *
 * @param built what `build` gave.
 * @param work is given the folder of the benchmark.
 */
export function withCommit<T>(commit: string, built: string, work: (folder: string) => T): T {
  const checkout = join(built, 'checkout')
  perform(root, 'git', 'worktree', 'add', '--force', '--detach', checkout, commit)
  try {
    perform(checkout, 'pnpm', 'install', '--frozen-lockfile', '--prefer-offline')
    perform(checkout, 'tsc', '--build', 'tsconfig.build.json')
    const folder = join(built, 'beside')
    for (const name of readdirSync(built))
      if (!['node_modules', 'packed', 'checkout', 'beside'].includes(name))
        cpSync(join(built, name), join(folder, name), { recursive: true })
    unpack(checkout, folder)
    return work(folder)
  } finally {
    perform(root, 'git', 'worktree', 'remove', '--force', checkout)
  }
}

/** Packs the packages of a checkout and unpacks them where a benchmark finds them. */
function unpack(checkout: string, built: string): void {
  if (existsSync(join(checkout, 'scripts', 'bundle.ts'))) perform(checkout, 'node', 'scripts/bundle.ts')
  const tarballs = join(built, 'packed')
  for (const name of packages) {
    // Another commit may not have had it yet: what asks for it is not measured there.
    if (!existsSync(join(checkout, 'packages', name))) continue
    perform(checkout, 'pnpm', '--filter', `@reprise/${name}`, 'pack', '--pack-destination', tarballs)
    const folder = join(built, 'node_modules', '@reprise', name)
    mkdirSync(folder, { recursive: true })
    const tarball = readdirSync(tarballs).find((file) => file.startsWith(`reprise-${name}-`))
    perform(checkout, 'tar', '-xzf', join(tarballs, String(tarball)), '-C', folder, '--strip-components=1')
    linkDependencies(name, checkout, folder)
  }
}

/**
 * What is not ours is taken from this workspace, also for another commit that had the same: two copies of SQLite in one
 * process let go of each other's locks.
 */
function linkDependencies(name: string, checkout: string, folder: string): void {
  const { dependencies = {} } = manifestIn(folder)
  for (const dependency of Object.keys(dependencies)) {
    if (dependency.startsWith('@reprise/')) continue
    const [here, there] = [root, checkout].map((tree) => join(tree, 'packages', name, 'node_modules', dependency))
    if (here === undefined || there === undefined) continue
    const isSame = existsSync(here) && manifestIn(here).version === manifestIn(there).version
    const link = join(folder, 'node_modules', dependency)
    mkdirSync(join(link, '..'), { recursive: true })
    symlinkSync(isSame ? here : there, link)
  }
}

function manifestIn(folder: string): { readonly version?: string; readonly dependencies?: object } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version?: string; dependencies?: object }
}

function perform(cwd: string, command: string, ...args: string[]): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status === 0) return
  throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? stdout + stderr}`)
}
