// The examples in documents and docstrings compile, and do what they say. CONTRIBUTING.md tells how one is written.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expectations, fakeOpenAI } from '@reprise/fake-openai'
import { API, type Diagnostic, type Project, SymbolFlags } from 'typescript/unstable/sync'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Example, examplesOf, pathsWithExamples } from './examples.fixture.ts'
import { root } from './paths.fixture.ts'

/** What a model says to the examples, by what the user said. */
const MODEL = expectations([
  { when: { tool: 'refund_order' }, reply: { text: '{"resolution":"solved","reply":"You get $30 back."}' } },
  {
    when: { user: '4711' },
    reply: { calls: [{ name: 'refund_order', arguments: { orderId: '4711', amountUsd: 30 } }] },
  },
  { reply: { text: 'Hello.' } },
])

/** A document with all that can be wrong, which goes the way of the others. */
const WRONG = [
  [
    '```ts',
    "import { digest, formatUsd } from '@reprise/core'",
    '/* € */ const cost: string = 1',
    'formatUsd(1)',
    '```',
  ],
  ['', '```ts continues', 'const more: number = cost', '```'],
  ['```ts', 'console.log(1) // 2', '```'],
  ['```ts', "throw new Error('no')", '```'],
  ['```ts no-run', '```', '```ts no-check: it is none', 'neither, nor', '```', '```ts no-run: it would throw'],
  ["throw new Error('no')", '```'],
].flat()

const folder = mkdtempSync(join(tmpdir(), 'examples-'))
const packages = readdirSync(join(root, 'packages'))
const found = pathsWithExamples.map((path) => examplesOf(path))
const wrong = examplesOf('WRONG.md', WRONG.join('\n'))
const examples = found.flatMap(({ examples }) => examples)
const all = [...examples, ...wrong.examples]

/** The public entries of all packages, as [name, file]. */
const entries = packages.flatMap((name) => {
  const home = join(root, 'packages', name)
  const { exports = {} } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
    exports?: Record<string, string>
  }
  return Object.entries(exports).map(([entry, file]) => [join('@reprise', name, entry), join(home, file)] as const)
})

function fileOf({ path, line }: Example, kind: 'checked' | 'ran'): string {
  return join(folder, kind, `${path.replaceAll(/[^\w.-]/g, '_')}_${line}`, 'program.mts')
}

function namesIn(path: string): readonly string[] {
  return existsSync(path) ? readdirSync(path) : []
}

function placeOf({ path, line }: Example): string {
  return `${path}:${line}`
}

beforeAll(() => {
  // As if the packages were installed there, with what they depend on.
  const modules = join(folder, 'node_modules')
  mkdirSync(modules)
  for (const home of [root, ...packages.map((name) => join(root, 'packages', name))])
    for (const name of namesIn(join(home, 'node_modules')))
      if (!name.startsWith('.') && !existsSync(join(modules, name)))
        symlinkSync(join(home, 'node_modules', name), join(modules, name))
  for (const kind of ['checked', 'ran'] as const)
    for (const example of all) {
      mkdirSync(dirname(fileOf(example, kind)), { recursive: true })
      writeFileSync(fileOf(example, kind), example[kind])
    }
  const config = {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: { noEmit: true },
    files: [...all.map((example) => fileOf(example, 'checked')), ...new Set(entries.map(([, file]) => file))],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const [opened] = api.updateSnapshot({ openProjects: [join(folder, 'tsconfig.json')] }).getProjects()
  if (opened === undefined) throw new Error('The compiler has opened no project.')
  project = opened
})

const api = new API({ cwd: folder })
afterAll(() => api.close())

/** The one program that all examples are compiled in. */
let project: Project

/** What the compiler says of an example, in the lines of its document. */
function saysOf(example: Example): readonly string[] {
  const file = fileOf(example, 'checked')
  const { program } = project
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
    .filter((said) => !isForTheReader(said, example.checked))
    .map(({ pos, code, text, messageChain }) => {
      const line = example.checked.slice(0, pos).split('\n').length
      return `${example.path}:${line}: ${[text, ...sentencesOf(messageChain)].join(' ')} (TS${code})`
    })
}

function sentencesOf(chain: Diagnostic['messageChain']): readonly string[] {
  return (chain ?? []).flatMap(({ text, messageChain }) => [text, ...sentencesOf(messageChain)])
}

/** What an example makes and does not use is for its reader; what it imports, it uses. */
function isForTheReader({ code, pos }: Diagnostic, text: string): boolean {
  return code === 6133 && text.slice(text.lastIndexOf('\nimport', pos), pos).includes(' from ')
}

test('each value that a package exports has an example in its docstring', async () => {
  const { program, checker } = project
  const without: string[] = []
  for (const [name, file] of entries) {
    const values = new Set(Object.keys((await import(file)) as object))
    const source = program.getSourceFile(file)
    const module = source && checker.getSymbolAtLocation(source)
    expect(module, file).toBeDefined()
    for (const symbol of module ? checker.getExportsOfModule(module) : []) {
      if (!values.has(symbol.name)) continue
      const value = symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
      if (!checker.getJsDocTagsOfSymbol(value).some((tag) => tag.name === 'example'))
        without.push(`${symbol.name} of ${name}`)
    }
  }
  expect(without).toEqual([])
})

test('the examples are written as CONTRIBUTING.md says', () => {
  expect(wrong.wrong).toEqual(['WRONG.md:16: After ```ts stands continues, no-run: REASON or no-check: REASON.'])
  expect(examplesOf('wrong.ts', '/**\n * @example\n * digest()\n */').wrong).toEqual([
    'wrong.ts:2: After @example comes a line with ```ts, and then the example.',
  ])
  expect(examplesOf('lonely.md', '```ts continues\n```').wrong).toEqual([
    'lonely.md:1: No block is above it that it could continue.',
  ])
  expect(found.flatMap(({ wrong }) => wrong)).toEqual([])
})

test('the examples compile with the options of the project', () => {
  const { program } = project
  expect([...program.getConfigFileParsingDiagnostics(), ...program.getProgramDiagnostics()]).toEqual([])
  expect(wrong.examples.flatMap((example) => saysOf(example))).toEqual([
    "WRONG.md:2: 'digest' is declared but its value is never read. (TS6133)",
    "WRONG.md:3: Type 'number' is not assignable to type 'string'. (TS2322)",
    "WRONG.md:8: Type 'string' is not assignable to type 'number'. (TS2322)",
  ])
  expect(examples.flatMap((example) => saysOf(example))).toEqual([])
})

test('the examples run, and print what they say', async () => {
  await using server = await fakeOpenAI(MODEL)
  const REPRISE_KEY = Buffer.alloc(32, 'key').toString('base64')
  const env = { ...process.env, OPENAI_BASE_URL: server.url, OPENAI_API_KEY: 'test', REPRISE_KEY }
  const files = all.map((example) => fileOf(example, 'ran'))
  const runner = join(root, 'scripts', 'run-examples.fixture.ts')
  const child = spawn(process.execPath, [runner, ...files], { env, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] })
  const [said, err, code] = await Promise.all([
    // Both were asked for as pipes.
    text(child.stdio[3] as Readable),
    text(child.stdio[2] as Readable),
    new Promise((resolve) => child.once('close', resolve)),
  ])
  const results = new Map(
    said
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { file: string; printed: string[]; error?: string })
      .map((result) => [result.file, result]),
  )
  const amiss = all.flatMap((example) => {
    const result = results.get(fileOf(example, 'ran'))
    if (result === undefined) return `${placeOf(example)}: did not come to its end.`
    if (result.error !== undefined) return `${placeOf(example)}: ${result.error}`
    const printed = result.printed.map((line) => line.replaceAll(/\s+/g, ' '))
    if (example.promised.length === 0 || JSON.stringify(printed) === JSON.stringify(example.promised)) return []
    return `${placeOf(example)}: prints ${JSON.stringify(printed)}, and not ${JSON.stringify(example.promised)}.`
  })
  expect(amiss.filter((line) => line.startsWith('WRONG.md')).map((line) => line.split('\n', 1)[0])).toEqual([
    'WRONG.md:11: prints ["1"], and not ["2"].',
    'WRONG.md:14: Error: no',
  ])
  expect([...amiss.filter((line) => !line.startsWith('WRONG.md')), ...(code === 0 ? [] : [err])]).toEqual([])
})
