import type { AnyAgent } from '@reprise/core'

/** A description that was found, and the tool with the same one. */
export interface FoundDescription {
  readonly rule: 'same-description' | 'example-in-description'
  readonly tool: string
  readonly words: string
  readonly other?: { readonly tool: string; readonly words: string }
}

/** What is wrong with the descriptions of an agent's tools. */
export function descriptions(tools: AnyAgent['tools']): readonly FoundDescription[] {
  const firsts = new Map<string, string>()
  const same = tools.flatMap(({ name, card: { description } }): readonly FoundDescription[] => {
    const key = description
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
      .trim()
    const first = firsts.get(key)
    if (first === undefined) firsts.set(key, name)
    return first === undefined
      ? []
      : [{ rule: 'same-description', tool: name, words: description, other: { tool: first, words: description } }]
  })
  return [...same, ...tools.flatMap(exampleIn)]
}

function exampleIn({ name, card: { description } }: AnyAgent['tools'][number]): readonly FoundDescription[] {
  const call = new RegExp(String.raw`(?<![\w-])${name.replaceAll('-', String.raw`\-`)}\s*(?:\(|\{)[^)}]*[)}]`)
  const match = call.exec(description) ?? LABEL.exec(description) ?? ARGUMENTS.exec(description)
  return match ? [{ rule: 'example-in-description', tool: name, words: description.slice(match.index) }] : []
}

const LABEL = /\b(?:usage examples?|examples? (?:calls?|usage|inputs?|arguments)|example|usage)\s*:\s*\S/i
/** Arguments as JSON. */
const ARGUMENTS = /\{\s*"\w+"\s*:[^{}]*\}/
