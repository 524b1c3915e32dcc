/** Where somebody lives, or an order goes. */
export interface Address {
  readonly address1: string
  readonly address2: string
  readonly city: string
  readonly state: string
  readonly country: string
  readonly zip: string
}

/** How a customer pays. A gift card has a balance, in dollars. */
export interface PaymentMethod {
  readonly source: string
  readonly id: string
  readonly balance?: number
}

/** A customer. */
export interface User {
  readonly name: { readonly first_name: string; readonly last_name: string }
  readonly address: Address
  readonly email: string
  readonly payment_methods: Readonly<Record<string, PaymentMethod>>
  readonly orders: readonly string[]
}

/** One thing of an order, at its price in dollars. */
export interface OrderItem {
  readonly name: string
  readonly product_id: string
  readonly item_id: string
  readonly price: number
  readonly options: Readonly<Record<string, string>>
}

/** Money that a customer paid or got back, in dollars. */
export interface Payment {
  readonly transaction_type: 'payment' | 'refund'
  readonly amount: number
  readonly payment_method_id: string
}

/** An order, with what was asked of it since. */
export interface Order {
  readonly order_id: string
  readonly user_id: string
  readonly address: Address
  readonly items: readonly OrderItem[]
  readonly status: string
  readonly payment_history: readonly Payment[]
  readonly cancel_reason?: string
  readonly return_items?: readonly string[]
  readonly return_payment_method_id?: string
  readonly exchange_items?: readonly string[]
  readonly exchange_new_items?: readonly string[]
  readonly exchange_payment_method_id?: string
  readonly exchange_price_difference?: number
}

/** A variant of a product, at its price in dollars. */
export interface Variant {
  readonly item_id: string
  readonly options: Readonly<Record<string, string>>
  readonly available: boolean
  readonly price: number
}

/** What the shop sells, in its variants. */
export interface Product {
  readonly name: string
  readonly product_id: string
  readonly variants: Readonly<Record<string, Variant>>
}

/** All rows of a shop, by their ids. */
export type Tables = {
  readonly users: Readonly<Record<string, User>>
  readonly orders: Readonly<Record<string, Order>>
  readonly products: Readonly<Record<string, Product>>
}
