import { z } from 'zod'
import { agentTool, defineAgent, defineTeam } from '../index.ts'

const Customer = z.object({ customerId: z.string() })
const Dated = z.object({ since: z.iso.datetime().transform((text) => Date.parse(text)) })

const bare = defineAgent({ name: 'bare', model: 'm', instructions: '' })
const dated = defineAgent({ name: 'dated', model: 'm', instructions: '', context: Dated })
const known = defineAgent({ name: 'known', model: 'm', instructions: '', context: Customer })
const team = defineTeam({ name: 'team', entry: bare, handoffs: [[bare, [dated, known]]] })

const asks = { name: 'ask', description: 'Asks.' } as const
const boss = { name: 'boss', model: 'm', instructions: '' } as const

// An agent without a context is called by anybody.
defineAgent({ ...boss, tools: [agentTool(bare, asks)] })
defineAgent({ ...boss, context: Customer, tools: [agentTool(bare, asks)] })
defineAgent({
  ...boss,
  context: Customer,
  tools: [agentTool(defineTeam({ name: 't', entry: bare, handoffs: [] }), asks)],
})
// The same schema, whatever it makes of what it takes.
defineAgent({ ...boss, context: Dated, tools: [agentTool(dated, asks)] })
// Another schema, which takes what this one gives.
defineAgent({ ...boss, context: z.object({ since: z.string() }), tools: [agentTool(dated, asks)] })
defineAgent({ ...boss, context: z.object({ ...Dated.shape, ...Customer.shape }), tools: [agentTool(team, asks)] })

// @ts-expect-error a context is needed where the agent that is called has one
defineAgent({ ...boss, tools: [agentTool(dated, asks)] })
// @ts-expect-error what is given is neither what the schema gives nor what it takes
defineAgent({ ...boss, context: z.object({ since: z.boolean() }), tools: [agentTool(dated, asks)] })
// @ts-expect-error all members of a team are served
defineAgent({ ...boss, context: Customer, tools: [agentTool(team, asks)] })
