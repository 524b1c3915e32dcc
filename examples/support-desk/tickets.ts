import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { Complaint } from './complaint.ts'
import type { Registry } from './shop/registry.ts'

const Ticket = z.strictObject({
  id: z.string().regex(/^[\w.-]{1,60}$/, 'must be 1 to 60 letters, digits, "_", "." or "-"'),
  from: z.string().min(1, 'must be the e-mail of a customer'),
  text: z.string().trim().min(1, 'must say something'),
})

const Tickets = z.array(Ticket).min(1, 'must hold a ticket')

/** A customer's words, and who the customer is. */
export type Ticket = z.infer<typeof Ticket>

/**
 * Reads a file of tickets.
 *
 * @throws Complaint naming the place that is wrong.
 */
export function readTickets(path: string): readonly Ticket[] {
  const parsed = Tickets.safeParse(readJson(path))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw wrong(path, issue?.path ?? [], issue?.message ?? 'is wrong')
  }
  const ids = parsed.data.map(({ id }) => id)
  const twice = ids.findIndex((id, index) => ids.indexOf(id) !== index)
  if (twice !== -1) throw wrong(path, [twice, 'id'], `"${ids[twice]}" stands twice; ids must differ`)
  return parsed.data
}

/**
 * Finds the customer of each ticket.
 *
 * @throws Complaint naming the first ticket that is nobody's.
 */
export function findCustomers(
  path: string,
  tickets: readonly Ticket[],
  registry: Registry,
): ReadonlyMap<Ticket, string> {
  return new Map(
    tickets.map((ticket, index) => {
      const customer = registry.customerByEmail(ticket.from)
      if (customer) return [ticket, customer.id]
      throw wrong(
        path,
        [index, 'from'],
        `no customer has the e-mail "${ticket.from}"; the shop knows ${registry.emails().join(', ')}`,
      )
    }),
  )
}

function readJson(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new Complaint(`The tickets cannot be read: ${(error as Error).message}. Give a file with --tickets.`)
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Complaint(
      `${path} is not JSON: ${(error as Error).message}. It must be a list of { "id", "from", "text" }.`,
    )
  }
}

function wrong(path: string, place: readonly PropertyKey[], what: string): Complaint {
  const where = place.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
  return new Complaint(
    `${path}${where === '' ? '' : ` at ${where}`}: ${what}. It must be a list of { "id", "from", "text" }.`,
  )
}
