// They touch nothing: what they were asked stands in the journal as it is.
import { defineTool } from '@reprise/core'
import { z } from 'zod'
import { calculate } from '../shop/calculate.ts'

/** Does sums, which models do badly. */
export const calculateTool = defineTool({
  name: 'calculate',
  description: 'Calculates an expression, to two places.',
  input: z.object({ expression: z.string().describe('Numbers, + - * / and parentheses, such as (2 + 2) * 3.') }),
  effect: 'read',
  execute: ({ expression }) => String(calculate(expression)),
})

/** Gives the model room to think. */
export const think = defineTool({
  name: 'think',
  description: 'Notes a thought down. It finds nothing out and changes nothing.',
  input: z.object({ thought: z.string() }),
  effect: 'read',
  execute: () => '',
})
