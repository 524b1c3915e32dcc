const LONGEST = 64

/**
 * The name of a call as it goes back to its model. Models write names that no tool can have (`functions.find_order`), and
 * the platform refuses a whole conversation for one of them.
 */
export function sentName(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, LONGEST) || '_'
}
