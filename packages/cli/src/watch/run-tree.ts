import { addUsed, type RunRow, type Runtime, type Used } from '@reprise/core'
import { harmless } from '../show/text.ts'
import { JournalTail } from './journal-tail.ts'
import { Progress } from './progress.ts'

/** The most rows of a page. */
const PAGE = 1_000

/** A run with those below it. */
export interface RunNode {
  row: RunRow
  /** Undefined of a child that had ended when it was found, where those are not followed: its journal is not read. */
  readonly progress: Progress | undefined
  /** By the key of the parent's step. */
  readonly children: Map<string, RunNode>
  ended: boolean
}

/** Follows a run and those below it, whoever drives them: what has ended is looked at no more. */
export class RunTree {
  readonly #runs: Runtime['runs']
  readonly #rootId: string
  readonly #whole: boolean
  readonly #tails = new Map<RunNode, JournalTail>()
  readonly #lastChild = new Map<RunNode, string>()
  root: RunNode | undefined

  /** @param whole whether children that have ended are read, too. */
  constructor(runs: Runtime['runs'], rootId: string, whole = false) {
    this.#whole = whole
    this.#runs = runs
    this.#rootId = rootId
  }

  /** Reads what has come since. */
  async look(): Promise<RunNode> {
    this.root ??= this.#follow(await this.#runs.get(this.#rootId), true)
    await this.#lookAt(this.root)
    return this.root
  }

  async #lookAt(node: RunNode): Promise<void> {
    const tail = this.#tails.get(node)
    if (!tail || !node.progress) return
    const { entries, row, ended } = await tail.look()
    node.row = row
    for (const entry of entries) node.progress.tell(harmless(entry))
    if (entries.length > 0 || node.progress.mayBegin) await this.#findChildren(node)
    for (const child of node.children.values()) await this.#lookAt(child)
    node.ended = ended
    if (ended) this.#tails.delete(node)
  }

  async #findChildren(node: RunNode): Promise<void> {
    for (;;) {
      const after = this.#lastChild.get(node)
      const page = await this.#runs.list({ parentId: node.row.id, limit: PAGE, ...(after !== undefined && { after }) })
      for (const row of page) this.#adopt(node, row)
      const last = page.at(-1)
      if (last) this.#lastChild.set(node, last.id)
      if (page.length < PAGE) return
    }
  }

  /** A child that goes on as another has its place from then on. */
  #adopt({ children }: RunNode, row: RunRow): void {
    const key = row.parentKey ?? row.id
    const before = children.get(key)
    if (before) children.set(before.row.id, before)
    children.set(key, this.#follow(row, this.#whole || row.endedAt === null))
  }

  #follow(row: RunRow, isActive: boolean): RunNode {
    const node = { row, progress: isActive ? new Progress() : undefined, children: new Map(), ended: !isActive }
    if (isActive) this.#tails.set(node, new JournalTail(this.#runs, row.id, row))
    return node
  }
}

/** What a run and those below it have used by now. */
export function usedBelow({ row, progress, children }: RunNode): Used {
  // The row has it all.
  if (!progress) return row.totals
  return [...children.values()].reduce((sum, child) => addUsed(sum, usedBelow(child)), progress.used)
}
