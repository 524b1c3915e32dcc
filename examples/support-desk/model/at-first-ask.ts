import type { Model } from '@reprise/core'

/** A model that is looked for when somebody asks it for the first time: looking at runs asks none. */
export function atFirstAsk(find: () => Promise<Model>): Model {
  let found: Promise<Model> | undefined
  const model = (): Promise<Model> => (found ??= find())
  return {
    async *ask(request, signal) {
      yield* (await model()).ask(request, signal)
    },
    async reserve(request) {
      return (await (await model()).reserve?.(request)) ?? {}
    },
  }
}
