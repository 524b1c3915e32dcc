import { defineAgent, defineWorkflow } from '@reprise/core'
import { constraint, defineEval, type Eval, exact, fromJsonl, type Trial } from '@reprise/evals'
import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'

const clerk = defineAgent({ name: 'clerk', model: 'm', instructions: 'x', output: z.object({ total: z.number() }) })
const nightly = defineWorkflow({ name: 'nightly', input: z.object({ n: z.number() }), run: async (_, { n }) => n })
const data = [{ id: 'a', input: 'x', expected: { total: 1 } }]

test('a scorer is given the task’s output and the rows’ expectation', () => {
  defineEval({
    name: 'e',
    data,
    task: clerk,
    scorers: {
      own: ({ run, row }) => {
        if (run.outcome.kind === 'completed') expectTypeOf(run.outcome.output).toEqualTypeOf<{ total: number }>()
        expectTypeOf(row.expected).toEqualTypeOf<{ total: number } | undefined>()
        return true
      },
      even: constraint((output: { total: number }) => output.total % 2 === 0),
      exact: exact(),
    },
    gates: { own: { min: 1 }, passHat1: { min: 1 }, costUsd: { max: 1 } },
    success: ['own'],
  })
})

test('rows, gates and scorers that do not fit are refused by the compiler', () => {
  const scorers = { exact: exact() }
  expectTypeOf(defineEval).toBeFunction()
  // @ts-expect-error -- an agent is given text
  defineEval({ name: 'e', data: [{ id: 'a', input: 3 }], task: clerk, scorers })
  // @ts-expect-error -- the workflow is given { n }
  defineEval({ name: 'e', data: [{ id: 'a', input: { m: 1 } }], task: nightly, scorers })
  // @ts-expect-error -- there is no such scorer
  defineEval({ name: 'e', data, task: clerk, scorers, gates: { exakt: { min: 1 } } })
  // @ts-expect-error -- there is no such scorer
  defineEval({ name: 'e', data, task: clerk, scorers, success: ['exakt'] })
  // @ts-expect-error -- the output is no text
  defineEval({ name: 'e', data, task: clerk, scorers: { own: ({ run }: Trial<string>) => run.id === '' } })
})

test('rows of a file fit every task, since the task’s own schema meets them', () => {
  const scorers = { exact: exact() }
  expectTypeOf(defineEval({ name: 'e', data: fromJsonl('a.jsonl'), task: nightly, scorers })).toEqualTypeOf<Eval>()
  defineEval({ name: 'e', data: [{ id: 'a', input: 2 }], task: (n: number) => n * 2, scorers })
})
