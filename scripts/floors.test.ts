import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const sources: Record<string, string> = {
  'examples/story/main.ts': "export { x } from '../../packages/core/src/index.ts'\n",
  'packages/core/src/agent/state/down.ts':
    "export { x } from '../../values/x.ts'\nexport { y } from '../../workflow/y.ts'\n",
  'packages/core/src/define/circle.ts': "import type { B } from './circle-back.ts'\nexport type A = B[]\n",
  'packages/core/src/define/circle-back.ts': "import type { A } from './circle.ts'\nexport type B = A[]\n",
  'packages/core/src/engine/commit/up.ts': "export { x } from '../engine.ts'\nexport { y } from '../session/y.ts'\n",
  'packages/core/src/engine/engine.ts': "export { x } from './commit/x.ts'\nexport { y } from './effort/y.ts'\n",
  'packages/core/src/engine/session/down.ts': "export { x } from '../engine.ts'\nexport { y } from '../effort/y.ts'\n",
  'packages/core/src/index.ts': 'export const x = 1\n',
  'packages/core/src/schema/compile.ts': "export { x } from './raw/x.ts'\n",
  'packages/core/src/schema/raw/up.ts': "export { x } from '../compile.ts'\nexport { y } from '../say/y.ts'\n",
  'packages/core/src/schema/say/down.ts': "export { x } from '../raw/x.ts'\n",
  'packages/core/src/values/x.test.ts': "export { y } from '../workflow/y.ts'\nexport { z } from '@reprise/store'\n",
  'packages/core/src/values/x.ts': 'export const x = 1\n',
  'packages/core/src/workflow/up-export.ts': "export { x } from '../engine/x.ts'\n",
  'packages/core/src/workflow/up-import.ts': "import { x } from '../engine/x.ts'\nexport { x }\n",
  'packages/core/src/workflow/up-late.ts': "export const y = import('../index.ts')\n",
  'packages/core/src/workflow/up-type.ts': "import type { X } from '../runtime/drive/deep/x.ts'\nexport type Y = X\n",
  'packages/core/src/workflow/y.ts': "export { x } from '@reprise/core'\n",
  'packages/store/src/down.ts': "export { x } from '@reprise/core'\n",
  'packages/store/src/path.ts': "export { x } from '../../core/src/index.ts'\n",
  'packages/store/src/path.test.ts': "export { x } from '../../core/src/index.ts'\n",
  'packages/store/src/sibling.ts': "export { x } from '@reprise/openai'\n",
  // No file imports one that imports it, and each folder one that imports it, by way of a third.
  'packages/tools/src/a/down.ts': "export type { X } from '../b/x.ts'\n",
  'packages/tools/src/a/x.ts': 'export const x = 1\n',
  'packages/tools/src/b/down.ts': "export const x = import('../c/x.ts')\n",
  'packages/tools/src/b/x.ts': 'export type X = 1\n',
  'packages/tools/src/c/up.ts': "export { x } from '../a/x.ts'\n",
  'packages/tools/src/c/x.ts': 'export const x = 1\n',
  'packages/tools/src/index.ts': "export { x } from './a/x.ts'\n",
}

const workspace = join(import.meta.dirname, '..')
let root: string

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'reprise-floors-'))
  // Where imports go is no matter of types, which take long to find.
  const config = readFileSync(join(workspace, 'oxlint.config.ts'), 'utf8')
  writeFileSync(join(root, 'oxlint.config.ts'), config.replace('typeAware: true', 'typeAware: false'))
  symlinkSync(join(workspace, 'node_modules'), join(root, 'node_modules'))
  for (const [path, source] of Object.entries(sources)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), source)
  }
})

afterAll(() => rmSync(root, { recursive: true }))

it('the linter refuses imports up the floors, across packages and in circles, and nothing else', () => {
  const { diagnostics } = JSON.parse(oxlint('--format=json')) as { diagnostics: { filename: string; help: string }[] }
  const rooms = 'agent/calls, agent/rules, agent/decide, agent/walk, agent/compare'
  const above =
    'engine/commit, engine/lease, engine/*.ts, engine/messages, engine/begin, engine/effort, engine/session, engine/shadow'
  const offered =
    'runtime/setup, runtime/read, runtime/handle, runtime/replay, runtime/drive, runtime/start, runtime/schedules, runtime/workers, runtime/mail, runtime/golden, runtime/subject, runtime/backtest, runtime/within, runtime/conversations, runtime/*.ts'
  const upward = `Imports go down the floors: workflow and agent/state may not import ${rooms}, ${above}, ${offered}, index.ts.`
  expect(Object.fromEntries(diagnostics.map(({ filename, help }) => [filename, help]))).toEqual({
    'examples/story/main.ts': 'Examples import public names only.',
    'packages/core/src/define/circle.ts': expect.stringContaining('cycle') as string,
    'packages/core/src/define/circle-back.ts': expect.stringContaining('cycle') as string,
    'packages/core/src/engine/commit/up.ts': expect.stringContaining('engine/commit and engine/lease') as string,
    'packages/core/src/engine/engine.ts': expect.stringContaining('engine/*.ts may not import') as string,
    'packages/core/src/schema/raw/up.ts': expect.stringContaining('schema/raw may not import') as string,
    'packages/core/src/workflow/up-export.ts': upward,
    'packages/core/src/workflow/up-import.ts': upward,
    'packages/core/src/workflow/up-late.ts': upward,
    'packages/core/src/workflow/up-type.ts': upward,
    'packages/core/src/workflow/y.ts': '@reprise/core may import no other package of this workspace.',
    'packages/store/src/path.ts': '@reprise/store may import @reprise/core, @reprise/format.',
    'packages/store/src/path.test.ts': 'Tests import another package by its name.',
    'packages/store/src/sibling.ts': '@reprise/store may import @reprise/core, @reprise/format.',
  })
})

it('the linter refuses a folder that has no floor', () => {
  mkdirSync(join(root, 'packages/core/src/attic'))
  expect(oxlint()).toContain('attic: give it a place in floors or packages of oxlint.config.ts.')
})

it('no two folders of a package, or of the proofs, import each other, nor by way of others', () => {
  expect(circleIn(join(root, 'packages/tools/src'))).toEqual(['a', 'b', 'c'])
  const packages = readdirSync(join(workspace, 'packages')).map((name) => `packages/${name}/src`)
  const circles = [...packages, 'proof'].flatMap((home) =>
    circleIn(join(workspace, home)).map((folder) => join(home, folder)),
  )
  expect(circles).toEqual([])
})

/** The folders below a home that import themselves by way of others; its tests may import anything. */
function circleIn(home: string): string[] {
  const imports = new Map<string, Set<string>>()
  for (const file of readdirSync(home, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || /\.(?:test|test-d|fixture)\.ts$/.test(file)) continue
    const folder = dirname(file)
    const imported = imports.get(folder) ?? new Set()
    imports.set(folder, imported)
    for (const [, path = ''] of readFileSync(join(home, file), 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+)'/g))
      imported.add(dirname(relative(home, join(home, folder, path))))
    imported.delete(folder)
  }
  return [...imports.keys()].filter((folder) => reached(folder).has(folder)).toSorted()

  function reached(folder: string): ReadonlySet<string> {
    const all = new Set(imports.get(folder))
    // A set is walked to what is added on the way too.
    for (const next of all) for (const other of imports.get(next) ?? []) all.add(other)
    return all
  }
}

function oxlint(...args: string[]): string {
  const shell = process.platform === 'win32'
  return spawnSync('oxlint', [...args, 'packages', 'examples'], { cwd: root, encoding: 'utf8', shell }).stdout
}
