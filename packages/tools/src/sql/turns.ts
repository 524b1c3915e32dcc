/** Lets so many do something at once; the others wait in the order of their coming. */
export function turns(most: number): <T>(action: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let busy = 0
  return async (action) => {
    if (busy === most) await new Promise<void>((resolve) => waiting.push(resolve))
    else busy += 1
    try {
      return await action()
    } finally {
      // Whoever waits takes this turn over.
      const next = waiting.shift()
      if (next) next()
      else busy -= 1
    }
  }
}
