import { defineAgent } from '@reprise/core'
import { z } from 'zod'
import { findOrder } from './find-order.ts'

export const support = defineAgent({
  name: 'support',
  model: 'gpt-4.1-mini',
  instructions: 'You help the customers of a shop. Look an order up before you say anything about it.',
  tools: [findOrder],
  output: z.object({ resolution: z.enum(['solved', 'escalated']), reply: z.string() }),
})
