import * as agentTool from './agent-tool.ts'
import * as debate from './debate.ts'
import * as evaluator from './evaluator.ts'
import * as handoff from './handoff.ts'
import * as router from './router.ts'
import type { Tell } from './stage.ts'
import * as supervisor from './supervisor.ts'
import * as voting from './voting.ts'
import * as workflowTool from './workflow-tool.ts'

/** The recipes by their names, which are those of their files. Each throws where what comes is not what it says. */
export const recipes: ReadonlyMap<string, (tell: Tell) => Promise<void>> = new Map(
  Object.entries({
    supervisor: supervisor.play,
    router: router.play,
    evaluator: evaluator.play,
    voting: voting.play,
    debate: debate.play,
    handoff: handoff.play,
    'agent-tool': agentTool.play,
    'workflow-tool': workflowTool.play,
  }),
)
