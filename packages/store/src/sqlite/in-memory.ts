/** The path of a database that is gone when it is closed. */
export const IN_MEMORY = ':memory:'
