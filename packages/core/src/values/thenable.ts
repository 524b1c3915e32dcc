/** Tells whether a function of the user's gave a promise, of whatever kind. What throws when it is looked at is none. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false
  try {
    return 'then' in value && typeof value.then === 'function'
  } catch {
    return false
  }
}

/**
 * Runs a function of the user's, and waits where it gave a promise. What it gave comes in a box: a promise of a value that
 * throws when it is asked for its `then` fails, though the function has run.
 */
export async function given(run: () => unknown): Promise<{ readonly value: unknown }> {
  const value = run()
  return { value: isThenable(value) ? await value : value }
}
