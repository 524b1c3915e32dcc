/** The end of what a model thinks before it answers, where its server leaves that among the words. */
const THOUGHT = /<\/(?:think|thinking|thought|reasoning)>/gi

/** The most places at which an answer is looked for. */
const MOST_PLACES = 100

/**
 * Finds the JSON objects in what a model said: in a fence, after its thoughts, between words, one after the other. Each is
 * given as its text; what stands within one is not looked at.
 */
export function answersIn(text: string): readonly string[] {
  const [thought] = [...text.matchAll(THOUGHT)].slice(-1)
  const said = thought ? text.slice(thought.index + thought[0].length) : text
  const found: string[] = []
  let at = said.indexOf('{')
  for (let places = 0; at !== -1 && places < MOST_PLACES; places++) {
    const end = endOfObject(said, at)
    const object = end === undefined ? undefined : said.slice(at, end)
    const isWhole = object !== undefined && isJson(object)
    if (isWhole) found.push(object)
    at = said.indexOf('{', isWhole ? at + object.length : at + 1)
  }
  return found
}

/** The place after the brace that closes the one at `start`; undefined where none does. */
function endOfObject(text: string, start: number): number | undefined {
  let depth = 0
  let isText = false
  for (let at = start; at < text.length; at++) {
    const char = text[at]
    if (isText && char === '\\') at++
    else if (char === '"') isText = !isText
    else if (!isText && char === '{') depth++
    else if (!isText && char === '}' && --depth === 0) return at + 1
  }
  return undefined
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
