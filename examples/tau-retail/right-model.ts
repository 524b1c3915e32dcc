import type { ModelRequest } from '@reprise/core'
import { scriptedModel, type ScriptedModel } from '@reprise/testing'
import { type Action, toldOf, type Task } from './data.ts'

/**
 * Makes a model that does a task as it should be done, and stops where it is told what is not recorded. It answers by
 * the conversation alone, so that another process's model goes on where this one's was killed.
 */
export function rightModel({ actions, outputs }: Pick<Task, 'actions' | 'outputs'>): ScriptedModel {
  return scriptedModel((request) => {
    const told = resultsIn(request)
    const wrong = actions.find((action, at) => at < told.length && told[at] !== toldOf(action))
    if (wrong) return { text: complaint(wrong, told[actions.indexOf(wrong)]) }
    const next = actions[told.length]
    return next ? { calls: [{ name: next.name, arguments: next.kwargs }] } : { text: rightAnswer({ outputs }) }
  })
}

/** What the model says when all is done. */
export function rightAnswer({ outputs }: Pick<Task, 'outputs'>): string {
  return ['Done.', ...outputs].join(' ')
}

function resultsIn({ items }: ModelRequest): string[] {
  return items.flatMap((item) => (item.kind === 'result' ? [item.output] : []))
}

function complaint(action: Action, told: string | undefined): string {
  return `${action.name} told me ${told}, and ${toldOf(action)} is recorded.`
}
