// How many calls of a run may begin now (`parallel` of its agent). It is no matter of the journal: whoever takes the run up
// may have another number.
import type { Effort } from '../../agent/decide/action.ts'
import { callAt, callsOf } from '../../agent/state/calls-of.ts'
import type { AgentState } from '../../agent/state/state.ts'
import type { Draft } from '../../contracts/entry.ts'
import type { Plan } from '../../define/plan.ts'

/** The room that the calls of a run have beside each other. */
export class CallRoom {
  readonly #agents: Plan['agents']
  readonly #isBusy: (key: string) => boolean

  /** @param isBusy whether something of a call is under way here. */
  constructor({ agents }: Plan, isBusy: (key: string) => boolean) {
    this.#agents = agents
    this.#isBusy = isBusy
  }

  /** Whether an effort may begin. */
  takes(state: AgentState, { kind, key }: Effort): boolean {
    return kind === 'ask' || callAt(state, key)?.stage.kind === 'intended' || this.#left(state) > 0
  }

  /** Leaves out the intents of calls for which there is no room yet. */
  fit(state: AgentState, drafts: readonly Draft[]): readonly Draft[] {
    let left = drafts.some(isIntent) ? this.#left(state) : Infinity
    return left === Infinity ? drafts : drafts.filter((draft) => !isIntent(draft) || left-- > 0)
  }

  #left(state: AgentState): number {
    const most = this.#agents.get(state.holder?.card.agent ?? '')?.agent.parallel ?? Infinity
    if (most === Infinity) return most
    // What is intended is about to begin, and has its room.
    return most - callsOf(state).filter(({ key, stage }) => stage.kind === 'intended' || this.#isBusy(key)).length
  }
}

function isIntent({ kind }: Draft): boolean {
  return kind === 'call.intended'
}
