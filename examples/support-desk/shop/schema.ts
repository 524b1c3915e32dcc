/** Marks a database as this shop's in its header: "shop". */
export const APPLICATION_ID = 0x73686f70

/** The shop's tables. Money is whole cents; days are ISO dates. */
export const SCHEMA = `
create table customers (id text primary key, name text not null, email text not null unique) strict;
create table products (sku text primary key, name text not null, cents integer not null, stock integer not null, about text not null) strict;
create table orders (
  id text primary key,
  customer_id text not null references customers,
  status text not null check (status in ('processing', 'shipped', 'delivered', 'cancelled')),
  address text not null,
  placed_on text not null,
  promised_on text not null,
  delivered_on text
) strict;
create table order_lines (order_id text not null references orders, sku text not null references products, quantity integer not null, cents integer not null) strict;
create table charges (id text primary key, order_id text not null references orders, cents integer not null, charged_on text not null) strict;

-- What has been done, once for each key: asking again with a key gives the answer that it had.
create table keys (key text primary key, what text not null, ticket text not null, answer text not null) strict;
create table refunds (id integer primary key, order_id text not null references orders, cents integer not null, reason text not null, key text not null) strict;
create table labels (tracking text primary key, order_id text not null references orders, sku text not null, key text not null) strict;
create table changes (id integer primary key, order_id text not null references orders, what text not null, before text not null, after text not null, key text not null) strict;
`
