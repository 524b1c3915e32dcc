// What the compiler says of a mistake names it in a sentence.
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'node_modules', '.cache', 'type-errors')

const MISTAKES = `
import { type CallContext, createRuntime, defineAgent, defineTool, type Model, type Store } from '@reprise/core'
import { z } from 'zod'

declare const store: Store
declare const models: Model

const lookUp = defineTool({
  name: 'look_up',
  description: 'Looks up.',
  input: z.object({}),
  effect: 'read',
  execute: (_, { context }: CallContext<{ tenant: string }>) => context.tenant,
})
export const without = defineAgent({ name: 'a', model: 'm', instructions: '', tools: [lookUp] })
export const other = defineAgent({ name: 'b', model: 'm', instructions: '', context: z.object({ user: z.string() }), tools: [lookUp] })

const known = defineAgent({ name: 'known', model: 'm', instructions: '' })
const unknown = defineAgent({ name: 'unknown', model: 'm', instructions: '' })
const runtime = createRuntime({ store, models, definitions: [known] })
void runtime.start(unknown, 'go')
void runtime.enqueue(unknown, 'go')
`

test(
  'the compiler says of a context or a definition that is not there what is missing, once each',
  { tags: 'slow' },
  async () => {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'mistakes.ts'), MISTAKES)
    const config = {
      extends: join(root, 'tsconfig.base.json'),
      compilerOptions: { noEmit: true },
      files: ['mistakes.ts'],
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    const compiled = promisify(execFile)(join(root, 'node_modules', '.bin', 'tsc'), [
      '--project',
      folder,
      '--pretty',
      'false',
    ])
    const { stdout } = await compiled.catch((error: { readonly stdout: string }) => error)
    const errors = stdout.split(/^(?=\S+\.ts\()/m).filter((text) => text.includes('error TS'))
    const context = "'A tool needs a context that this agent does not have'"
    const definition = "'This definition is not one of the runtime: give it to createRuntime({ definitions })'"
    expect(errors.map((error) => error.match(/Property '('.*?')' is missing/)?.[1])).toEqual([
      context,
      context,
      definition,
      definition,
    ])
  },
)
