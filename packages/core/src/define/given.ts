import type { AnyAgent } from './agent.ts'
import type { AnyTeam } from './team.ts'
import type { StartedWith } from './tool.ts'
import type { AnyWorkflow } from './any-workflow.ts'

/** The output of a definition. */
export type OutputGiven<D extends AnyAgent | AnyTeam | AnyWorkflow> = D extends { readonly '~output'?: infer Output }
  ? Exclude<Output, undefined>
  : never

/** The context that a run of a definition is started with; undefined where it has none. */
export type ContextGiven<D extends AnyAgent | AnyTeam | AnyWorkflow> = D extends AnyWorkflow
  ? undefined
  : D extends StartedWith<infer Context>
    ? Context
    : never
