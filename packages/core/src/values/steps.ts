// Code that asks for what may be there at once, or come later, written once for both: a store whose transactions are
// synchronous answers at once, and whatever waited would come after the transaction is over.

/** What may be there at once. */
export type Given<T> = T | Promise<T>

/** Code in steps: it waits where what it asked for is a promise, and nowhere else. */
export type Steps<T> = Generator<Promise<unknown>, T, unknown>

/** Asks for a value from within steps. Throws what the promise is rejected with. */
export function* got<T>(value: Given<T>): Steps<T> {
  // `follow` goes on with what the promise came to.
  return value instanceof Promise ? ((yield value) as T) : value
}

/** Takes steps to their end: at once where none of them waits. Throws, or rejects with, what they throw. */
export function follow<T>(steps: Steps<T>): Given<T> {
  const after = ({ done, value }: IteratorResult<Promise<unknown>, T>): Given<T> =>
    done
      ? value
      : value.then(
          (result) => after(steps.next(result)),
          (error: unknown) => after(steps.throw(error)),
        )
  return after(steps.next())
}
