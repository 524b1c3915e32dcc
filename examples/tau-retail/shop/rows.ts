import type { SqliteDatabase } from '@reprise/store'
import { refused } from './refused.ts'
import type { Order, Product, Tables, User } from './types.ts'

const BY_EMAIL = `body ->> '$.email' = ?`
const BY_NAME = `lower(body ->> '$.name.first_name') = lower(?) and lower(body ->> '$.name.last_name') = lower(?) and body ->> '$.address.zip' = ?`

/** The shop's rows, on one connection. */
export class Rows {
  readonly #db: SqliteDatabase

  constructor(db: SqliteDatabase) {
    this.#db = db
  }

  /** @throws ToolError when there is none. */
  user(id: string): User {
    return this.#get('users', id) ?? refused('user not found')
  }

  /** @throws ToolError when there is none. */
  order(id: string): Order {
    return this.#get('orders', id) ?? refused('order not found')
  }

  /** @throws ToolError when there is none. */
  product(id: string): Product {
    return this.#get('products', id) ?? refused('product not found')
  }

  /** @throws ToolError when nobody has this address. */
  userIdByEmail(email: string): string {
    return this.#userId(BY_EMAIL, email)
  }

  /** @throws ToolError when nobody of this name lives there. */
  userIdByName(firstName: string, lastName: string, zip: string): string {
    return this.#userId(BY_NAME, firstName, lastName, zip)
  }

  /** The id of each product, by its name. */
  productIds(): Record<string, string> {
    const sql = `select body ->> '$.name', id from products order by 1`
    return Object.fromEntries(this.#db.prepare<[], [string, string]>(sql).raw().all())
  }

  putUser(id: string, user: User): void {
    this.#db.prepare('update users set body = ? where id = ?').run(JSON.stringify(user), id)
  }

  putOrder(order: Order): void {
    this.#db.prepare('update orders set body = ? where id = ?').run(JSON.stringify(order), order.order_id)
  }

  #userId(where: string, ...values: string[]): string {
    const found = this.#db.prepare<string[], string>(`select id from users where ${where}`).pluck()
    return found.get(...values) ?? refused('user not found')
  }

  #get<Name extends keyof Tables>(table: Name, id: string): Tables[Name][string] | undefined {
    const body = this.#db.prepare<[string], string>(`select body from ${table} where id = ?`).pluck().get(id)
    // What stands in a table came from its file, or was put there as the same type.
    return body === undefined ? undefined : (JSON.parse(body) as Tables[Name][string])
  }
}
