/** Where a part of a text stands: from the first character to the one after the last. */
export type Range = readonly [start: number, end: number]

/**
 * Finds the values of an object's members that are long, in the object's JSON text, in their order.
 * In a text that is not an object's there are none.
 *
 * @param least the fewest characters of a long value.
 */
export function longMembers(text: string, least: number): readonly Range[] {
  const found: Range[] = []
  let depth = 0
  let start = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '"') at = endOfString(text, at)
    else if (char === '{' || char === '[') depth++
    else if (char === ':' && depth === 1) start = at + 1
    else if (char === '}' || char === ']' || char === ',') {
      if (depth === 1 && start > 0 && at - start >= least) found.push([start, at])
      if (depth === 1) start = 0
      if (char !== ',') depth--
    }
  }
  return found
}

function endOfString(text: string, open: number): number {
  for (let end = text.indexOf('"', open + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text[end - 1 - slashes] === '\\') slashes++
    if (slashes % 2 === 0) return end
  }
  return text.length
}
