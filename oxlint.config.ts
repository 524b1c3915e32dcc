import { readdirSync } from 'node:fs'
import { defineConfig, type OxlintOverride } from 'oxlint'

/** The floors of packages/core and the rooms of some, lowest first: a file imports from its own and from those below. */
const floors = [
  ['values'],
  ['contracts'],
  ['schema/raw'],
  ['schema/limits', 'schema/held'],
  ['schema/libraries', 'schema/say'],
  ['schema/*.ts'],
  ['define'],
  ['journal'],
  ['workflow', 'agent/state'],
  ['agent/calls'],
  ['agent/rules'],
  ['agent/decide'],
  ['agent/walk', 'agent/compare'],
  ['engine/commit', 'engine/lease'],
  ['engine/*.ts'],
  ['engine/messages', 'engine/begin', 'engine/effort'],
  ['engine/session', 'engine/shadow'],
  ['runtime/setup', 'runtime/read'],
  ['runtime/handle', 'runtime/replay'],
  ['runtime/drive'],
  [
    'runtime/start',
    'runtime/schedules',
    'runtime/workers',
    'runtime/mail',
    'runtime/golden',
    'runtime/subject',
    'runtime/backtest',
  ],
  ['runtime/within', 'runtime/conversations'],
  ['runtime/*.ts'],
  ['index.ts'],
]

/** The packages that each package may import. */
const packages: Record<string, string[]> = {
  core: [],
  evals: ['core'],
  'fake-openai': ['core'],
  format: ['core'],
  import: ['core'],
  openai: ['core'],
  postgres: ['core', 'format'],
  store: ['core', 'format'],
  testing: ['core'],
  tools: ['core'],
  cli: ['core', 'evals', 'fake-openai', 'import', 'openai', 'postgres', 'store', 'tools'],
}

const tests = ['**/*.test.ts', '**/*.test-d.ts', '**/*.fixture.ts']

const homes = new Set(floors.flat().map((name) => name.split('/')[0]))
const homeless = [
  ...readdirSync('packages/core/src').filter((name) => !name.includes('.test') && !homes.has(name)),
  ...readdirSync('packages').filter((name) => !(name in packages)),
]
if (homeless.length > 0)
  throw new Error(`${homeless.join(', ')}: give it a place in floors or packages of oxlint.config.ts.`)

function floorOf(names: string[], above: string[]) {
  const upward = above.flatMap((name) => importsOf(name, names))
  const message = `Imports go down the floors: ${names.join(' and ')} may not import ${above.join(', ')}.`
  return restrict(
    names.map((name) => `packages/core/src/${name.endsWith('.ts') ? name : `${name}/**`}`),
    [...(upward.length > 0 ? [{ group: upward, message }] : []), packageImports('core')],
  )
}

/** How some may write an import of a floor: the rooms of one folder need not name that. */
function importsOf(name: string, by: string[]): string[] {
  const [folder = '', files] = name.split('/')
  if (files === '*.ts') return by.some((it) => it.startsWith(`${folder}/`)) ? ['../*.ts'] : [`**/${folder}/*.ts`]
  if (name.endsWith('.ts')) return [`**/${name}`]
  return [`**/${name.split('/').at(-1)}/**`]
}

function packageImports(name: string) {
  const allowed = packages[name]?.map((other) => `@reprise/${other}`) ?? []
  return {
    group: ['@reprise/**', '**/src/**', ...allowed.flatMap((other) => [`!${other}`, `!${other}/**`])],
    message: `@reprise/${name} may import ${allowed.join(', ') || 'no other package of this workspace'}.`,
  }
}

function restrict(files: string[], patterns: { group: string[]; message: string }[]) {
  const rules: OxlintOverride['rules'] = { 'no-restricted-imports': ['error', { patterns }] }
  return { files, excludeFiles: tests, rules }
}

export default defineConfig({
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'vitest'],
  options: { typeAware: true, denyWarnings: true, reportUnusedDisableDirectives: 'error' },
  categories: { correctness: 'error', suspicious: 'error' },
  rules: {
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'import/no-default-export': 'error',
    'typescript/consistent-type-imports': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/switch-exhaustiveness-check': 'error',
    'vitest/expect-expect': ['error', { assertFunctionNames: ['expect', 'expectTypeOf', 'fc.assert'] }],
    'vitest/valid-expect': ['error', { maxArgs: 2 }],
    // A cast at an edge is allowed: it stands beside its reason.
    'typescript/no-unsafe-type-assertion': 'off',
    // A name may say the same thing inside and outside a function.
    'eslint/no-shadow': 'off',
    // An order of promises is often the meaning of a loop.
    'eslint/no-await-in-loop': 'off',
    // It does not see what a callback changes.
    'eslint/no-unmodified-loop-condition': 'off',
    // A helper may stand in the one function or test that needs it.
    'unicorn/consistent-function-scoping': 'off',
    'unicorn/require-post-message-target-origin': 'off', // threads have no origin, and there are no windows here
    // `fc.integer()` is how fast-check is written.
    'import/no-named-as-default-member': 'off',
    // The compiler checks these two, and knows more.
    'import/namespace': 'off',
    'typescript/consistent-return': 'off',
    // Names of others have them.
    'eslint/no-underscore-dangle': 'off',
    // A property over many values asserts as each value demands, a hook what holds after every test.
    'vitest/no-conditional-expect': 'off',
    'vitest/no-standalone-expect': 'off',
  },
  overrides: [
    {
      files: ['**/*.ts'],
      excludeFiles: tests,
      rules: {
        'typescript/no-unsafe-argument': 'error',
        'typescript/no-unsafe-assignment': 'error',
        'typescript/no-unsafe-call': 'error',
        'typescript/no-unsafe-member-access': 'error',
        'typescript/no-unsafe-return': 'error',
      },
    },
    { files: ['*.config.ts'], rules: { 'import/no-default-export': 'off' } },
    // `then` is a keyword of JSON Schema.
    { files: ['packages/core/src/schema/**'], rules: { 'unicorn/no-thenable': 'off' } },
    ...floors.map((names, index) => floorOf(names, floors.slice(index + 1).flat())),
    ...Object.keys(packages)
      .filter((name) => name !== 'core')
      .map((name) => restrict([`packages/${name}/src/**`], [packageImports(name)])),
    {
      files: tests.map((name) => `packages/${name}`),
      rules: {
        'no-restricted-imports': [
          'error',
          { patterns: [{ group: ['**/src/**', '!../src/**'], message: 'Tests import another package by its name.' }] },
        ],
      },
    },
    restrict(['examples/**'], [{ group: ['**/packages/**'], message: 'Examples import public names only.' }]),
    restrict(['proof/**'], [{ group: ['**/packages/**'], message: 'The proofs import public names only.' }]),
  ],
})
