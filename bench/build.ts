// Builds what is measured: the packages as they would be published, not their sources, and the benchmark beside them.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** The packages that are measured. */
const packages = ['core', 'openai', 'store', 'testing'] as const

/**
 * Builds everything.
 *
 * @returns the folder of the built benchmark.
 */
export function build(): string {
  const built = join(import.meta.dirname, '.build')
  const tarballs = join(built, 'packed')
  rmSync(built, { recursive: true, force: true })
  perform('tsc', '--build', 'tsconfig.build.json')
  perform('node', 'scripts/bundle.ts')
  perform('tsc', '--project', 'bench')
  for (const name of packages) {
    perform('pnpm', '--filter', `@reprise/${name}`, 'pack', '--pack-destination', tarballs)
    const folder = join(built, 'node_modules', '@reprise', name)
    mkdirSync(folder, { recursive: true })
    const tarball = readdirSync(tarballs).find((file) => file.startsWith(`reprise-${name}-`))
    perform('tar', '-xzf', join(tarballs, String(tarball)), '-C', folder, '--strip-components=1')
    linkDependencies(name, folder)
  }
  return built
}

/** What is not ours is taken from the workspace. */
function linkDependencies(name: string, folder: string): void {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { dependencies?: object }
  for (const dependency of Object.keys(manifest.dependencies ?? {})) {
    if (dependency.startsWith('@reprise/')) continue
    const link = join(folder, 'node_modules', dependency)
    mkdirSync(join(link, '..'), { recursive: true })
    symlinkSync(join(root, 'packages', name, 'node_modules', dependency), link)
  }
}

function perform(command: string, ...args: string[]): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8' })
  if (status === 0) return
  throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? stdout + stderr}`)
}
