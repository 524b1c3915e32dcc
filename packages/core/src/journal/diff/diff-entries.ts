// Two runs side by side, step by step: which steps are the same, which say something else, which only one of them has. Pure.
import type { Entry } from '../../contracts/entry.ts'
import { align, type Match } from './align.ts'
import { type JsonChange, jsonChanges } from './json-changes.ts'
import type { RunStep } from './run-step.ts'
import { type Block, blocksOf, exactOf } from './steps-of.ts'

/** A step of two runs, or of one of them. */
export type StepPair =
  | { readonly kind: 'same'; readonly a: RunStep; readonly b: RunStep }
  /** The same step, in which each place of `changes` (from its `said`) is another; there is one or more. */
  | { readonly kind: 'changed'; readonly a: RunStep; readonly b: RunStep; readonly changes: readonly JsonChange[] }
  | { readonly kind: 'only-a'; readonly a: RunStep }
  | { readonly kind: 'only-b'; readonly b: RunStep }

/**
 * Compares two runs by their entries, step by step. A call is the same step where it calls the same tool with equal
 * arguments, in whatever order their keys and the calls of one reply come; between two such, calls of the same tool are
 * one step whose arguments have changed. What a workflow does is known by its key, in whatever order it comes. Times, ids,
 * attempts, tokens and prices are not compared.
 *
 * @param a the entries of the first run, from its first.
 * @param b those of the second.
 * @returns the steps of both, those of `a` in their order.
 * @example
 * ```ts
 * import { createRuntime, defineAgent, diffEntries } from '@reprise/core'
 * import { memoryStore, scriptedModel } from '@reprise/testing'
 *
 * const poet = defineAgent({ name: 'poet', model: 'gpt-4.1-mini', instructions: 'Write one line.' })
 * const models = scriptedModel([{ text: 'Rain again.' }, { text: 'Sun at last.' }])
 * await using runtime = createRuntime({ store: memoryStore(), models, definitions: [poet] })
 * for (const id of ['one', 'two']) await (await runtime.start(poet, 'About spring', { id })).result()
 * const [one, two] = [await runtime.runs.entries('one'), await runtime.runs.entries('two')]
 * console.log(diffEntries(one, two).map(({ kind }) => kind)) // [ 'same', 'changed', 'changed' ]
 * ```
 */
export function diffEntries(a: readonly Entry[], b: readonly Entry[]): readonly StepPair[] {
  const [blocksA, blocksB] = [blocksOf(a), blocksOf(b)]
  const stepsA = blocksA.flatMap(({ steps }) => steps)
  const stepsB = blocksB.flatMap(({ steps }) => steps)
  const [firstA, firstB] = [firsts(blocksA), firsts(blocksB)]
  const partner = new Map<number, number>()
  for (const [i, j] of alignBlocks(blocksA, blocksB)) {
    const [fromA, fromB] = [firstA[i] ?? 0, firstB[j] ?? 0]
    for (const [x, y] of within(blocksA[i]?.steps ?? [], blocksB[j]?.steps ?? [])) partner.set(fromA + x, fromB + y)
  }
  return merged(stepsA, stepsB, partner)
}

/** The place of the first step of each block among all steps. */
function firsts(blocks: readonly Block[]): readonly number[] {
  let next = 0
  return blocks.map(({ steps }) => {
    const first = next
    next += steps.length
    return first
  })
}

/** Blocks with a key by that, wherever they stand; the others in their order: the same first, and between those the alike. */
function alignBlocks(a: readonly Block[], b: readonly Block[]): readonly Match[] {
  const places = new Map(b.flatMap((block, at) => (block.isKeyed ? [[block.exact, at] as const] : [])))
  const keyed = a.flatMap((block, at): Match[] => {
    const other = block.isKeyed ? places.get(block.exact) : undefined
    return other === undefined ? [] : [[at, other]]
  })
  const [restA, restB] = [unkeyed(a), unkeyed(b)]
  const exact = align(
    restA.map(({ block }) => block.exact),
    restB.map(({ block }) => block.exact),
  )
  const found: Match[] = []
  let [fromA, fromB] = [0, 0]
  for (const [i, j] of [...exact, [restA.length, restB.length] as const]) {
    const gapA = restA.slice(fromA, i).map(({ block }) => block.like)
    const gapB = restB.slice(fromB, j).map(({ block }) => block.like)
    for (const [x, y] of align(gapA, gapB)) found.push([fromA + x, fromB + y])
    if (i < restA.length) found.push([i, j])
    ;[fromA, fromB] = [i + 1, j + 1]
  }
  return [...keyed, ...found.map(([i, j]): Match => [restA[i]?.at ?? 0, restB[j]?.at ?? 0])]
}

function unkeyed(blocks: readonly Block[]): readonly { readonly block: Block; readonly at: number }[] {
  return blocks.map((block, at) => ({ block, at })).filter(({ block }) => !block.isKeyed)
}

/** The steps of two blocks that go together: first those that are the same, then those of the same name, in their order. */
function within(a: readonly RunStep[], b: readonly RunStep[]): readonly Match[] {
  const [freeA, freeB] = [new Set(a.keys()), new Set(b.keys())]
  const found: Match[] = []
  const nameOf = ({ kind, name }: RunStep): string => (kind === 'call' ? `${kind} ${name}` : kind)
  for (const wordOf of [exactOf, nameOf]) {
    const waiting = Map.groupBy(freeB, (j) => (b[j] ? wordOf(b[j]) : ''))
    for (const i of freeA) {
      const j = a[i] && waiting.get(wordOf(a[i]))?.shift()
      if (j === undefined) continue
      found.push([i, j])
      freeA.delete(i)
      freeB.delete(j)
    }
  }
  return found
}

/** All steps, those of the first in their order, and before each what only the second has before its partner. */
function merged(
  a: readonly RunStep[],
  b: readonly RunStep[],
  partner: ReadonlyMap<number, number>,
): readonly StepPair[] {
  const taken = new Set(partner.values())
  const pairs: StepPair[] = []
  let next = 0
  const bringUpTo = (end: number): void => {
    for (; next < end; next++) {
      const step = b[next]
      if (step && !taken.has(next)) pairs.push({ kind: 'only-b', b: step })
    }
  }
  for (const [at, step] of a.entries()) {
    const other = partner.get(at)
    const against = other === undefined ? undefined : b[other]
    if (other === undefined || !against) {
      pairs.push({ kind: 'only-a', a: step })
      continue
    }
    bringUpTo(other)
    const changes = changesOf(step, against)
    pairs.push(
      changes.length === 0 ? { kind: 'same', a: step, b: against } : { kind: 'changed', a: step, b: against, changes },
    )
  }
  bringUpTo(b.length)
  return pairs
}

/** Who spoke, or took over, is a part of it. */
function changesOf(a: RunStep, b: RunStep): readonly JsonChange[] {
  const name = a.name === b.name ? [] : [{ path: 'name', a: a.name, b: b.name }]
  return [...name, ...jsonChanges(a.said, b.said)]
}
