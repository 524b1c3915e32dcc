/** Where the runs are, for threads that load module.ts. */
export const FOLDER = 'REPRISE_BENCH_FOLDER'

/** Turns of a run. */
export const TURNS = 20
