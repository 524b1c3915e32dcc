// What a tool's output is, by its schema or by what it returns.
import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import { askConfirmation, type Confirmation, defineTool, type Tool, withParts } from '../index.ts'

const input = z.object({ id: z.string() })
const output = z.object({ total: z.number(), note: z.string().default('none') })
const of = { name: 'find', description: '', input, effect: 'read' } as const

const held = defineTool({ ...of, output, execute: () => ({ total: 7 }) })
expectTypeOf(held['~output']).toEqualTypeOf<{ total: number; note: string } | undefined>()

// @ts-expect-error The schema wants a number.
defineTool({ ...of, output, execute: () => ({ total: 'seven' }) })

const shown = defineTool({ ...of, output, execute: async () => withParts({ total: 7 }, [{ kind: 'text', text: 'x' }]) })
expectTypeOf(shown['~output']).toEqualTypeOf<{ total: number; note: string } | undefined>()

const inferred = defineTool({ ...of, execute: () => withParts('words', []) })
expectTypeOf(inferred['~output']).toEqualTypeOf<string | undefined>()

const asked = defineTool({ name: 'ask', description: '', external: true, input, output })
expectTypeOf(asked).toEqualTypeOf<Tool<'ask', { id: string }, { total: number; note: string }>>()

// @ts-expect-error Somebody else answers it: it has nothing to execute.
defineTool({ name: 'ask', description: '', external: true, input, output, execute: () => ({ total: 7 }) })

expectTypeOf(askConfirmation(asked)).toEqualTypeOf<Tool<'confirm_ask', { id: string }, Confirmation>>()
