// Does one task in a process of its own. usage: node one-task.ts JOURNAL TASK [AT SIDE]: dies at that write of the journal
import { shopAgent } from './agent.ts'
import { readPolicy, readTasks } from './data.ts'
import { openDesk } from './desk.ts'

const [path = '', wanted, at, side] = process.argv.slice(2)
const task = readTasks().find(({ task }) => String(task) === wanted)
if (!task) throw new Error(`There is no task ${wanted}.`)
const point = { at: Number(at), side: side === 'after' ? 'after' : 'before', how: 'kill' } as const
const desk = openDesk({ path, agent: shopAgent(readPolicy()), task, ...(at !== undefined && { point }) })
await desk.serve()
await desk.close()
