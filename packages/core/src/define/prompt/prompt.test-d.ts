import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import { defineAgent, prompt } from '../../index.ts'

const base = { name: 'desk', model: 'm' } as const
const context = z.object({ customer: z.string() })

// The context of its agent is that of its functions, which need not say so.
defineAgent({
  ...base,
  context,
  instructions: prompt({
    role: 'You help.',
    instructions: [
      'Be kind.',
      (run) => {
        expectTypeOf(run.context).toEqualTypeOf<{ customer: string }>()
        return run.context.customer
      },
    ],
    context: (run) => {
      expectTypeOf(run.context).toEqualTypeOf<{ customer: string }>()
      return [run.context.customer]
    },
  }),
})

// A prompt without functions goes with every agent.
const plain = prompt({ role: 'You help.', leaveOut: ['tools'] })
defineAgent({ ...base, instructions: plain })
defineAgent({ ...base, context, instructions: plain })

const ofCustomer = prompt({ context: (run: { readonly context: { customer: string } }) => run.context.customer })
defineAgent({ ...base, context, instructions: ofCustomer })
// @ts-expect-error this agent has no context
defineAgent({ ...base, instructions: ofCustomer })

// @ts-expect-error there is no such section
prompt({ rule: 'Be kind.' })
// @ts-expect-error there is no such reminder
prompt({ role: 'You help.', leaveOut: ['tool'] })
