// The examples of this repository: blocks of TypeScript in its documents and docstrings, as the programs that they make.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { paths, root } from './paths.fixture.ts'

/** A program of one block, or of several, where one continues the one above it. */
export interface Example {
  /** Its document or source, from the root. */
  readonly path: string
  /** Of its first block. */
  readonly line: number
  /** What the compiler is given. Its lines have the numbers that they have in the document. */
  readonly checked: string
  /** What is run: the same without the blocks that say `no-run`. */
  readonly ran: string
  /** What its lines of console.log say in a comment that they print. */
  readonly promised: readonly string[]
}

interface Block {
  readonly path: string
  readonly line: number
  readonly info: string
  readonly code: readonly string[]
}

/** What may stand after `ts`: `continues`, `no-run: REASON`, `no-check: REASON`. */
const INFO = /^(?:ts|typescript|js|javascript)(?<continues> continues)?(?: (?:no-run|no-check): \S.*)?$/
const PROMISE = /console\.log\(.*\) \/\/ (.+)$/

/** What the examples stand in: the documents, but for those that tell of what was, and the sources of packages. */
export const pathsWithExamples = paths.filter((path) => isDocument(path) || isSource(path))

function isDocument(path: string): boolean {
  return path.endsWith('.md') && path !== 'CHANGELOG.md' && !path.startsWith('docs/decisions/')
}

function isSource(path: string): boolean {
  return /^packages\/[^/]+\/src\/.*\.ts$/.test(path) && !/\.(test|test-d|fixture)\.ts$/.test(path)
}

/** The examples of a document or a source, and what is wrong with how they are written, a sentence each. */
export function examplesOf(path: string, text = readFileSync(join(root, path), 'utf8')) {
  const lines = path.endsWith('.md') ? text.split('\n') : docstringsOf(text.split('\n'))
  const wrong = lines.flatMap((line, index) => {
    if (path.endsWith('.md') || !line.startsWith('@example') || lines[index + 1]?.startsWith('```ts')) return []
    return `${path}:${index + 1}: After @example comes a line with \`\`\`ts, and then the example.`
  })
  const chains: Block[][] = []
  for (const block of blocksOf(path, lines)) {
    const groups = INFO.exec(block.info)?.groups
    const before = chains.at(-1)
    if (groups === undefined)
      wrong.push(`${path}:${block.line - 1}: After \`\`\`ts stands continues, no-run: REASON or no-check: REASON.`)
    else if (groups['continues'] === undefined) chains.push([block])
    else if (before === undefined) wrong.push(`${path}:${block.line - 1}: No block is above it that it could continue.`)
    else before.push(block)
  }
  return { examples: chains.flatMap(programOf), wrong }
}

/** The lines of a source, of which those are empty that are in no docstring. */
function docstringsOf(lines: readonly string[]): readonly string[] {
  let inside = false
  return lines.map((line) => {
    if (/^\s*\/\*\*/.test(line)) inside = true
    const text = inside ? line.replace(/^\s*\*(?!\/) ?/, '') : ''
    if (line.includes('*/')) inside = false
    return text
  })
}

function blocksOf(path: string, lines: readonly string[]): readonly Block[] {
  const blocks: Block[] = []
  let from: number | undefined
  for (const [index, line] of lines.entries()) {
    if (!/^ *```/.test(line)) continue
    const begun = from
    from = begun === undefined ? index + 1 : undefined
    if (begun === undefined) continue
    const info = (lines[begun - 1] ?? '').replace(/^ *```/, '')
    if (/^(ts|typescript|js|javascript)\b/.test(info))
      blocks.push({ path, line: begun + 1, info, code: lines.slice(begun, index) })
  }
  return blocks
}

function programOf(chain: readonly Block[]): Example[] {
  const checked = chain.filter(({ info }) => !info.includes(' no-check: '))
  const ran = checked.filter(({ info }) => !info.includes(' no-run: '))
  const [first] = checked
  if (first === undefined) return []
  const promised = ran.flatMap(({ code }) => code.flatMap((line) => PROMISE.exec(line)?.[1] ?? []))
  return [{ path: first.path, line: first.line, checked: textOf(checked), ran: textOf(ran), promised }]
}

/** Blocks in their places, with empty lines between. */
function textOf(blocks: readonly Block[]): string {
  const lines: string[] = []
  for (const { line, code } of blocks) {
    while (lines.length < line - 1) lines.push('')
    lines.push(...code)
  }
  return lines.join('\n')
}
