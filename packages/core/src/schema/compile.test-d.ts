import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import * as z3 from 'zod/v3'
import type { InferInput, InferOutput, Schema } from '../contracts/schema.ts'
import type { Decoded } from './issue.ts'
import { compile } from './compile.ts'

const order = z.object({ id: z.string(), quantity: z.int().default(1) })

test('a compiled schema gives what the schema gives', () => {
  expectTypeOf(compile(order, 'Order').decode({})).toEqualTypeOf<Decoded<{ id: string; quantity: number }>>()
})

test('a type of Zod 3 is a schema', () => {
  const text = z3.z.string().transform(Number)
  expectTypeOf(text).toExtend<Schema>()
  expectTypeOf<InferInput<typeof text>>().toEqualTypeOf<string>()
  expectTypeOf<InferOutput<typeof text>>().toEqualTypeOf<number>()
})

test('what a schema takes may differ from what it gives', () => {
  expectTypeOf<InferInput<typeof order>>().toEqualTypeOf<{ id: string; quantity?: number | undefined }>()
})

test('no any comes out of a schema of unknown types', () => {
  expectTypeOf<InferOutput<Schema>>().toBeUnknown()
})
