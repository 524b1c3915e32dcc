import { existsSync, readFileSync } from 'node:fs'
import type { JsonObject } from '@reprise/core'
import type { Tables } from './shop/types.ts'

const FOLDER = new URL('../../../shared/data/tau-retail/', import.meta.url)

/** Whether the shop's data is there. */
export const dataIsThere = existsSync(FOLDER)

/** What is said where it is not. */
export const NO_DATA = 'skipped where ../shared/data is not there'

/** One right call of a task. */
export interface Action {
  readonly name: string
  readonly kwargs: JsonObject
  /** What it must come to: JSON, or text, or the text of an error. */
  readonly result: string
}

/** What a customer wants, and what must come of it. */
export interface Task {
  readonly task: number
  /** Of the customer. */
  readonly user_id: string
  readonly instruction: string
  /** In their order. */
  readonly actions: readonly Action[]
  /** What the customer must be told. */
  readonly outputs: readonly string[]
  /** The rows that must be others afterwards: by table, by id. */
  readonly changed: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** A tool as the data describes it. */
export interface ToolSheet {
  readonly function: {
    readonly name: string
    readonly parameters: { readonly properties: JsonObject; readonly required: readonly string[] }
  }
}

/** Tells whether an action fails by design. */
export function failsByDesign({ result }: Action): boolean {
  return result.startsWith('Error: ')
}

/** What the model must be told of an action: the data spells its JSON in another way. */
export function toldOf({ result }: Action): string {
  return result.startsWith('{') ? JSON.stringify(JSON.parse(result)) : result
}

/** Reads what the shop's agents are told to do. */
export function readPolicy(): string {
  return read('policy.md')
}

/** Reads the rows that the shop begins with. */
export function readTables(): Tables {
  const table = (name: string) => JSON.parse(read(name)) as Record<string, never>
  return { users: table('users.json'), orders: table('orders.json'), products: table('products.json') }
}

/** Reads all tasks, in their order. */
export function readTasks(): Task[] {
  const lines = read('tasks.gold.jsonl').trim().split('\n')
  return lines.map((line) => JSON.parse(line) as Task)
}

/** Reads how the data describes the tools. */
export function readToolSheets(): ToolSheet[] {
  return JSON.parse(read('tools.json')) as ToolSheet[]
}

function read(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8')
}
