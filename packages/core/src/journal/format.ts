/** The format of the journals of runs that begin. */
export const FORMAT = 2 as const
