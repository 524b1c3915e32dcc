/** How a step stands: `again` is to be tried again, `waiting` is for somebody or for a time. */
export type Standing = 'busy' | 'done' | 'failed' | 'again' | 'waiting'

/** Something that a run does: a turn of a model, a call, a step of a workflow, a wait. */
export interface Step {
  readonly key: string
  /** What it is. */
  what: string
  standing: Standing
  /** What is to be known of it beside how it stands. */
  note: string
  /** When it is tried again, or goes on by itself, in milliseconds since 1970. */
  until: number | null
  readonly since: number
  endedAt: number | null
  /** The calls of a turn. */
  readonly steps: Step[]
}

/** A step that begins. */
export function begun(key: string, what: string, since: number): Step {
  return { key, what, standing: 'busy', note: '', until: null, since, endedAt: null, steps: [] }
}

/** Changes how a step stands: one that is done or has failed has ended then. */
export function put(step: Step, standing: Standing, at: number, note = '', until: number | null = null): void {
  step.standing = standing
  step.note = note
  step.until = until
  step.endedAt = standing === 'done' || standing === 'failed' ? at : null
}

/** Whether nothing more comes of a step. */
export function isOver({ standing }: Step): boolean {
  return standing === 'done' || standing === 'failed'
}
