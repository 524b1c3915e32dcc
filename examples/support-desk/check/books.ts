import type { Entry, Outcome } from '@reprise/core'
import type { Database } from 'better-sqlite3'
import { actionsOf } from '../desk/outcome.ts'
import type { Change } from '../show/changes.ts'

/** What the books of the desk, of the shop and of the mail server must agree on. */
export interface Books {
  /** How each run stands, of tickets or of messages. */
  readonly rows: readonly { readonly ticket: string; readonly outcome: Outcome<unknown> }[]
  readonly entries: ReadonlyMap<string, readonly Entry[]>
  readonly changes: readonly Change[]
  readonly shop: Database
}

/** Holds the books against each other, whichever model answered. Each line of the result is something that is wrong. */
export function checkBooks(books: Books): string[] {
  return [...refundsOf(books), ...keysOf(books), ...effectsOf(books), ...sumsOf(books)]
}

function refundsOf({ shop }: Books): string[] {
  const often = shop.prepare<[], { id: string; times: number }>(
    'select order_id as id, count(*) as times from refunds group by order_id having times > 1',
  )
  return often.all().map(({ id, times }) => `Order ${id} was refunded ${times} times.`)
}

const EFFECTS_BY_KEY = `
  select keys.key, count(effects.key) as times from keys
  full join (select key from refunds union all select key from labels union all select key from changes) as effects using (key)
  group by 1 having times <> 1 or keys.key is null`

function keysOf({ shop }: Books): string[] {
  const wrong = shop.prepare<[], { key: string; times: number }>(EFFECTS_BY_KEY).all()
  return wrong.map(({ key, times }) => `The key ${key} stands for ${times} effects.`)
}

/** What the journal says was done must be what was done, once each. */
function effectsOf({ rows, entries, changes }: Books): string[] {
  return rows
    .filter(({ outcome }) => outcome.kind !== 'waiting')
    .flatMap(({ ticket }) => {
      const recorded = actionsOf(entries.get(ticket) ?? [])
        .toSorted()
        .join(', ')
      const done = changes
        .filter((change) => change.ticket === ticket)
        .map(({ tool }) => tool)
        .toSorted()
        .join(', ')
      return recorded === done ? [] : [`The journal of ${ticket} says "${recorded}", and what was done is "${done}".`]
    })
}

function sumsOf({ rows, entries }: Books): string[] {
  return rows.flatMap(({ ticket, outcome: { totals } }) => {
    const replies = (entries.get(ticket) ?? []).flatMap((entry) =>
      entry.kind === 'model.replied' ? [entry.body.reply] : [],
    )
    const costNano = replies.reduce((sum, reply) => sum + (reply.costNano ?? 0), 0)
    // What an answer that broke off may have cost is in the totals as an estimate, and in no reply.
    const known = totals.costNano - (totals.estimated ?? 0)
    const agree = replies.length === totals.turns && costNano === known
    return agree
      ? []
      : [`${ticket} has ${replies.length} replies for ${costNano}, and its totals say ${totals.turns} for ${known}.`]
  })
}
