import { block } from './temp-folder.fixture.ts'

/** What the demo's own tickets come to, however they are worked. */
export const CHANGES = `What was changed in the shop:
  ticket-1   give_credit          c-ada               $10.00, F-1001 is late
  ticket-1   send_email           ada@example.com     Your order F-1001
  ticket-2   refund_order         F-1002              $48.00, damaged
  ticket-2   send_email           ben@example.com     Your refund for F-1002
  ticket-3   escalate             c-carla             F-1003 (tent, $420.00) came with two snapped poles. The customer wants all of it back, which is over the limit of the desk.
  ticket-3   send_email           carla@example.com   Your order F-1003
  ticket-4   change_address       F-1004              5 Old Quay, Bristol -> 18 Windmill Road, Bristol BS3
  ticket-4   send_email           dmitri@example.com  New address for F-1004
  ticket-6   give_credit          c-frank             $10.00, F-1007 is late
  ticket-6   refund_order         F-1006              $32.50, damaged
  ticket-6   send_email           frank@example.com   Your orders F-1006 and F-1007
  ticket-8   cancel_order         F-1009              processing -> cancelled
  ticket-8   send_email           hugo@example.com    F-1009 is cancelled
  ticket-9   refund_order         F-1010              $85.00, double_charge
  ticket-9   send_email           ines@example.com    Your refund for F-1010
  ticket-11  create_return_label  F-1012              JACKET-M, label RT-5AE5C2C6
  ticket-11  send_email           kate@example.com    Your return label for F-1012
  ticket-12  give_credit          c-liam              $15.00, four pegs missing in F-1013
  ticket-12  send_email           liam@example.com    Pegs of F-1013`

/** How each of them ends. */
export const OUTCOMES = [
  ['ticket-1', 'solved'],
  ['ticket-2', 'solved'],
  ['ticket-3', 'escalated'],
  ['ticket-4', 'solved'],
  ['ticket-5', 'declined'],
  ['ticket-6', 'solved'],
  ['ticket-7', 'solved'],
  ['ticket-8', 'solved'],
  ['ticket-9', 'solved'],
  ['ticket-10', 'needs_customer'],
  ['ticket-11', 'solved'],
  ['ticket-12', 'solved'],
]

/** How the tickets of an output ended. */
export function outcomesOf(stdout: string): string[][] {
  return block(stdout, 'ticket ')
    .split('\n')
    .slice(2, -2)
    .map((line) => line.split(/\s+/).slice(0, 2))
}
