import { runtime } from './reprise.config.ts'
import { support } from './src/support.ts'

const question = process.argv[2] ?? 'Where is my order 4711?'
const run = await runtime.start(support, question)
console.log(run.id, await run.outcome())
await runtime.close()
