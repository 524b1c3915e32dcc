import type { Database } from 'better-sqlite3'

/** A customer of the shop. */
export interface Customer {
  readonly id: string
  readonly name: string
  readonly email: string
}

/** A thing that the shop sells. */
export interface Product {
  readonly sku: string
  readonly name: string
  readonly priceUsd: number
  readonly stock: number
  readonly about: string
}

/** Who buys, and what there is to buy. */
export class Registry {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  customer(id: string): Customer | undefined {
    return this.#db.prepare<[string], Customer>('select id, name, email from customers where id = ?').get(id)
  }

  customerByEmail(email: string): Customer | undefined {
    return this.#db.prepare<[string], Customer>('select id, name, email from customers where email = ?').get(email)
  }

  emails(): string[] {
    return this.#db.prepare<[], string>('select email from customers order by email').pluck().all()
  }

  /** The products whose code, name or description holds each of the words. */
  products(words: string): Product[] {
    const all = this.#db
      .prepare<[], Product>('select sku, name, cents / 100.0 as priceUsd, stock, about from products order by sku')
      .all()
    const wanted = words.toLowerCase().split(/\s+/)
    return all.filter((product) => {
      const text = `${product.sku} ${product.name} ${product.about}`.toLowerCase()
      return wanted.every((word) => text.includes(word))
    })
  }
}
