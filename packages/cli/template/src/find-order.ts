import { defineTool, ToolError } from '@reprise/core'
import { z } from 'zod'

const orders: Readonly<Record<string, string>> = { '4711': 'shipped', '4712': 'delivered' }

export const findOrder = defineTool({
  name: 'find_order',
  description: 'Finds an order by its id.',
  input: z.object({ orderId: z.string() }),
  effect: 'read', // it may be done again at will: after a failure, and after a crash
  execute: ({ orderId }) => {
    const status = orders[orderId]
    // The model is told this, and can ask for another id.
    if (!status) throw new ToolError({ code: 'no_order', message: `There is no order ${orderId}.` })
    return { orderId, status }
  },
})
