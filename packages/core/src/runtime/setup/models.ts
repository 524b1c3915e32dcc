import type { Model, ModelRequest } from '../../contracts/model.ts'
import { badArgument, checkHas, checkOptions, isObject } from '../../define/argument.ts'
import { type AnyDefinition, planOf } from '../../define/plan.ts'
import { DefinitionError } from '../../values/errors.ts'

/**
 * Models by the names that agents ask for: a whole name, or the beginning of names and `*`. A whole name goes before a
 * beginning, and a longer beginning before a shorter one; `*` alone takes what nothing else takes. The name reaches the
 * model as the agent has it.
 */
export interface ModelTable {
  readonly [name: string]: Model
}

const EXPECTED =
  "Give it a model, such as openai(), or models by the names that agents ask for, such as { 'gpt-*': openai() }."

/**
 * Checks what a program without types may give.
 *
 * @throws DefinitionError with code `bad_argument`.
 */
export function checkModels(models: unknown): void {
  if (isModel(models)) return
  checkOptions('createRuntime was given models', models, EXPECTED)
  const names = Object.keys(models as object)
  if (names.length === 0) throw badArgument('createRuntime was given models', models, EXPECTED)
  for (const name of names) {
    const what = `createRuntime was given models[${JSON.stringify(name)}]`
    const star = name.indexOf('*')
    if (star !== -1 && star < name.length - 1)
      throw badArgument(what, name, 'A star stands for the rest of a name: put it at the end.')
    checkHas(what, (models as Record<string, unknown>)[name], 'ask', 'Give it a model, such as openai().')
  }
}

/**
 * Gives the one model that asks each of several by the name that a request has.
 *
 * @param definitions whose agents must find their models: who starts a run is not to learn it in the middle.
 * @throws DefinitionError with code `no_model` when an agent asks for a name that no model has.
 */
export function modelFor(models: Model | ModelTable, definitions: readonly AnyDefinition[]): Model {
  if (isModel(models)) return models
  const find = finder(models)
  for (const definition of definitions) {
    if (definition.kind === 'workflow') continue
    for (const { card, ways } of planOf(definition).agents.values()) {
      if (!find(card.model)) throw noModel(models, card.model, `Agent "${card.agent}" asks for`)
      for (const { agent, moves } of ways.values())
        if (moves.kind === 'asked-summary' && moves.model !== undefined && !find(moves.model))
          throw noModel(models, moves.model, `The summary from "${card.agent}" to "${agent.name}" asks for`)
    }
  }
  const found = ({ card, runId }: ModelRequest): Model => {
    const model = find(card.model)
    // A run that was started under another table: whoever has its model can go on with it.
    if (!model) throw noModel(models, card.model, `The run "${runId}" asks for`)
    return model
  }
  return {
    ask: (request, signal) => found(request).ask(request, signal),
    figures: (name) => find(name)?.figures?.(name),
    async reserve(request) {
      const model = found(request)
      if (!model.reserve) throw new Error('This model says nothing of what a request may cost.')
      return model.reserve(request)
    },
  }
}

function isModel(models: unknown): models is Model {
  return isObject(models) && typeof models['ask'] === 'function'
}

function finder(models: ModelTable): (name: string) => Model | undefined {
  const whole = new Map(Object.entries(models))
  const beginnings = [...whole]
    .filter(([name]) => name.endsWith('*'))
    .map(([name, model]) => ({ beginning: name.slice(0, -1), model }))
    .toSorted((one, other) => other.beginning.length - one.beginning.length)
  return (name) => whole.get(name) ?? beginnings.find(({ beginning }) => name.startsWith(beginning))?.model
}

function noModel(models: ModelTable, name: string, who: string): DefinitionError {
  const names = Object.keys(models).map((known) => JSON.stringify(known))
  return new DefinitionError({
    code: 'no_model',
    // Another process may have it, or this one after a deploy.
    mendable: true,
    message: `${who} the model "${name}", and createRuntime({ models }) has: ${names.join(', ')}. Add it there, by its name or by the beginning of it and a star.`,
    details: { model: name },
  })
}
