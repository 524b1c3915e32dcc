/** What stands before and after the name of what was put in: no prompt has these characters. */
const [OPEN, CLOSE] = ['\uE000', '\uE001']

/** Where something of a context was put into a text. */
export interface PutIn {
  /** `{context.customer.name}` */
  readonly words: string
  readonly start: number
  readonly end: number
}

/**
 * Makes something that stands in for a context of which nothing is known: whatever is asked of it is there, and says its
 * name where it is put into a text. Lists have one member; what is asked about a value is answered with yes.
 */
export function standIn(path: string): unknown {
  const say = (): string => `${OPEN}{${path}}${CLOSE}`
  // A function can be called as well as read.
  return new Proxy(() => undefined, {
    get: (_, key) => {
      if (key === Symbol.toPrimitive || key === 'toString' || key === 'toJSON') return say
      if (key === Symbol.iterator) return () => [standIn(`${path}[0]`)].values()
      if (typeof key === 'symbol' || key === 'then') return undefined
      if (key === 'length') return 1
      // What makes a text of each member is let do so.
      if (key === 'map' || key === 'flatMap')
        return (make: (each: unknown, at: number) => unknown) => [make(standIn(`${path}[0]`), 0)].flat()
      return standIn(/^\d+$/.test(key) ? `${path}[${key}]` : `${path}.${key}`)
    },
    apply: () => standIn(`${path}()`),
  })
}

/** Takes the marks out of a text, and says where they were. */
export function putIn(marked: string): { readonly text: string; readonly places: readonly PutIn[] } {
  const places: PutIn[] = []
  let text = ''
  for (const part of marked.split(new RegExp(`(${OPEN}[^${CLOSE}]*${CLOSE})`))) {
    if (part.startsWith(OPEN)) {
      const words = part.slice(1, -1)
      places.push({ words, start: text.length, end: text.length + words.length })
      text += words
    } else text += part
  }
  return { text, places }
}
