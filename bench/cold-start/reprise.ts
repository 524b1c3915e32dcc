// What a program on Reprise needs to start: one agent with five tools, a model and a store, which are not used yet.
import { defineAgent, defineTool } from '@reprise/core'
import { openai } from '@reprise/openai'
import { sqlite } from '@reprise/store'
import { z } from 'zod'
import { World } from '../world.ts'
import { tellStart } from './tell-start.ts'

const tools = new World({})
  .tools(z)
  .map(({ name, description, schema, execute }) =>
    defineTool({ name, description, input: schema, effect: 'read', execute }),
  )
const agent = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'Use the tools.', tools })
export const started = { agent, model: openai(), store: sqlite('desk.db') }
tellStart(agent.tools.length)
