/** What an object has by a name of its own: nothing where every object has something by that name (`constructor`). */
export function own<Value>(object: Readonly<Partial<Record<string, Value>>>, name: string): Value | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined
}
