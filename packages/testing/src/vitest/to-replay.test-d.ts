import type { AnyDefinition, Runtime } from '@reprise/core'
import { expect, expectTypeOf } from 'vitest'
import { readGolden } from './index.ts'

declare const definitions: readonly AnyDefinition[]
declare const runtime: Runtime

const promise = expect('support.golden.jsonl').toReplay(definitions, { differences: 'allow' })
expectTypeOf(promise).toEqualTypeOf<Promise<void>>()
void expect(new URL('file:///support.golden.jsonl')).not.toReplay(definitions)
void expect(readGolden('support.golden.jsonl')).toReplay(definitions)
void expect(runtime.export('ticket-4711')).toReplay(definitions)

// @ts-expect-error -- a number is no golden file
void expect(4711).toReplay(definitions)
// @ts-expect-error -- it takes a list of definitions
void expect('support.golden.jsonl').toReplay('support')
// @ts-expect-error -- differences are allowed, or fail
void expect('support.golden.jsonl').toReplay(definitions, { differences: 'ignore' })
