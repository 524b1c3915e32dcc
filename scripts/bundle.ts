// Makes one file of each package that a program loads at its start: to find and read a hundred small ones takes Node
// longer than to run them. Types stay as tsc wrote them. usage: node scripts/bundle.ts, after a build
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { rolldown } from 'rolldown'

const packages = ['core', 'format', 'openai', 'store', 'cli']

for (const name of packages) {
  const folder = join(import.meta.dirname, '..', 'packages', name)
  const programs = [...entriesOf(folder), ...threadsOf(join(folder, 'src'))]
  const bundle = await rolldown({
    input: Object.fromEntries(programs.map((path) => [basename(path, '.ts'), path])),
    platform: 'node',
    // What is not this package's own is found when it runs.
    external: /^[^./]/,
  })
  const dist = join(folder, 'dist')
  // Files that several programs share have other names each time.
  for (const file of readdirSync(dist)) if (/\.js(\.map)?$/.test(file)) rmSync(join(dist, file))
  // Who writes a program reads docstrings in the types, and Node nowhere.
  const { output } = await bundle.write({ dir: dist, format: 'esm', sourcemap: true, comments: { jsdoc: false } })
  const files = output.map(({ fileName }) => fileName)
  for (const chunk of output) {
    if (chunk.type !== 'chunk') continue
    checkThreads(name, chunk.code, files)
    checkAscii(chunk.fileName, chunk.code)
  }
}

/** The entries that a package's manifest names. */
function entriesOf(folder: string): string[] {
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    exports: Record<string, string>
  }
  return Object.values(exports).map((path) => join(folder, path))
}

/** The programs of worker threads: whoever starts one names its file. */
function threadsOf(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return files.filter((file) => file.endsWith('-thread.ts')).map((file) => join(folder, file))
}

/** A thread whose file is not beside who starts it would be missed only when it is needed. */
function checkThreads(name: string, code: string, files: readonly string[]): void {
  for (const [, program = ''] of code.matchAll(/new URL\(`([^`$]*)/g))
    if (!files.includes(`${basename(program)}.js`) || program !== `./${basename(program)}`)
      throw new Error(`@reprise/${name} starts ${program}.js, which is not in its dist: ${files.join(', ')}`)
}

/**
 * One character beyond ASCII makes V8 keep the whole file as two bytes a character, and read it more slowly. The bundler
 * writes the character itself for an escape in quotes, and leaves one in a template.
 */
function checkAscii(file: string, code: string): void {
  const [line] = /^.*[^\0-\x7f].*$/m.exec(code) ?? []
  if (line !== undefined) throw new Error(`${file} is to be ASCII: write \\u.... in a template, in ${line.trim()}`)
}
