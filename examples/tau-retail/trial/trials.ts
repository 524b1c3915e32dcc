import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CrashPoint } from '@reprise/testing'
import { type ShopAgent, shopAgent } from '../agent.ts'
import type { Task } from '../data.ts'
import { type Desk, isCrash, openDesk } from '../desk.ts'
import { makeTemplate } from '../shop/template.ts'
import type { Tables } from '../shop/types.ts'
import { complaints } from './complaints.ts'

const PROGRAM = join(import.meta.dirname, '..', 'one-task.ts')

/** A place in a run where its process dies. */
export type Point = Pick<CrashPoint, 'at' | 'side'>

/** Does tasks, each in a fresh shop, and says what did not come out as the data has it. */
export class Trials {
  readonly #folder: string
  readonly #template: string
  readonly #agent: ShopAgent
  #count = 0

  private constructor(folder: string, agent: ShopAgent) {
    this.#folder = folder
    this.#template = join(folder, 'template.db')
    this.#agent = agent
  }

  /** Loads the shop, once for all tasks. To be closed. */
  static async open(policy: string, tables: Tables): Promise<Trials> {
    // In memory where that is to be had: nothing here outlives the process.
    const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tau-retail-'))
    const trials = new Trials(folder, shopAgent(policy))
    await makeTemplate(trials.#template, tables)
    return trials
  }

  close(): void {
    rmSync(this.#folder, { recursive: true })
  }

  /** Lets a task be done. */
  undisturbed(task: Task): Promise<{ readonly writes: number; readonly wrong: string[] }> {
    return this.#inShop(async (path) => {
      let writes = 0
      const wrong = await this.#finish(path, task, (desk) => (writes = desk.writes()))
      return { writes, wrong }
    })
  }

  /** Interrupts a task in this process, and takes it up again. */
  crashed(task: Task, point: Point): Promise<string[]> {
    return this.#inShop(async (path) => {
      const desk = openDesk({ path, agent: this.#agent, task, point })
      await desk.serve().catch(isCrash)
      const dead = await desk.isDead()
      await desk.close()
      return [...(dead ? [] : ['It did not crash.']), ...(await this.#finish(path, task))]
    })
  }

  /** Has a task killed by SIGKILL, and taken up by another process. */
  killed(task: Task, { at, side }: Point): Promise<string[]> {
    return this.#inShop(async (path) => {
      const first = await this.#run(path, String(task.task), String(at), side)
      const second = await this.#run(path, String(task.task))
      const desk = openDesk({ path, agent: this.#agent, task })
      const wrong = await complaints(desk, task, path, this.#template)
      await desk.close()
      return [
        ...(first === 'SIGKILL' ? [] : [`It was not killed: it ended with ${first}.`]),
        ...(second === 0 ? [] : [`The second process ended with ${second}.`]),
        ...wrong,
      ]
    })
  }

  async #finish(path: string, task: Task, look: (desk: Desk) => void = () => undefined): Promise<string[]> {
    const desk = openDesk({ path, agent: this.#agent, task })
    try {
      await desk.serve()
      look(desk)
      return await complaints(desk, task, path, this.#template)
    } finally {
      await desk.close()
    }
  }

  async #run(...args: string[]): Promise<number | string> {
    const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
    return code ?? signal ?? ''
  }

  async #inShop<T>(work: (path: string) => Promise<T>): Promise<T> {
    const folder = join(this.#folder, String(++this.#count))
    mkdirSync(folder)
    try {
      const path = join(folder, 'shop.db')
      copyFileSync(this.#template, path)
      return await work(path)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
}
