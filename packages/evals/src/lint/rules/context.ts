import type { Found } from './finding.ts'
import { lineAt, type Sentence } from './sentences.ts'

/** So many characters are documents, and not an example of a shape. */
const MANY = 600
/** So many places are looked at, each to where it ends. */
const LOOKS = 50
/** Examples and formats may be in JSON. */
const SHAPES = /\b(?:example|format|output|schema|shape)/i

/** Lists of objects in JSON, which stand in a prompt as what it is to know. */
export function jsonDocuments(text: string): readonly Found[] {
  for (const { index } of [...text.matchAll(/[[{]\s*["{[]/g)].slice(0, LOOKS)) {
    const json = jsonAt(text, index)
    if (json === undefined || json.length < MANY || SHAPES.test(headingBefore(text, index))) continue
    if (isFenced(text, index) || !holdsDocuments(JSON.parse(json))) continue
    return [{ rule: 'json-documents', at: { words: json, line: lineAt(text, index) } }]
  }
  return []
}

/** The JSON that begins at a place, if what is there is JSON. */
function jsonAt(text: string, start: number): string | undefined {
  let depth = 0
  let isText = false
  for (let at = start; at < text.length; at++) {
    const sign = text.charAt(at)
    if (isText && sign === '\\') at++
    else if (sign === '"') isText = !isText
    else if (!isText && (sign === '[' || sign === '{')) depth++
    else if (!isText && (sign === ']' || sign === '}') && --depth === 0) {
      const json = text.slice(start, at + 1)
      return isJson(json) ? json : undefined
    }
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

/** Whether it has a list of objects that are of one kind. */
function holdsDocuments(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (!Array.isArray(value)) return keysOf(value).length > 0 && Object.values(value).some(holdsDocuments)
  const [first, second] = (value as readonly unknown[]).map(keysOf)
  return first !== undefined && second !== undefined && first.length > 1 && first.some((key) => second.includes(key))
}

/** None of what is no object, nor of a description of one. */
function keysOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  const keys = Object.keys(value)
  return keys.some((key) => /^(?:parameters|properties|input_?schema)$/i.test(key)) ? [] : keys
}

/** Whether a place stands in a block of code. */
function isFenced(text: string, place: number): boolean {
  return (text.slice(0, place).match(/^\s*(?:```|~~~)/gm)?.length ?? 0) % 2 === 1
}

function headingBefore(text: string, place: number): string {
  return (
    /^ {0,3}#{1,6} +(.*)$/m.exec(
      text
        .slice(0, place)
        .split(/\n(?= {0,3}#{1,6} )/)
        .at(-1) ?? '',
    )?.[1] ?? ''
  )
}

/** So many characters are a long context: about 2,000 tokens. */
const LONG = 8_000
const CONTEXT = /\b(?:context|documents?|background|knowledge|reference|source|material|transcript|data)\b/i
const INSTRUCTIONS = /\b(?:instructions?|rules|guidelines|task|steps|what to do)\b/i
/** So little above the context is a title or a role. */
const LITTLE = 200

/** Instructions that stand only below a long context. */
export function lateInstructions(sentences: readonly Sentence[], text: string): readonly Found[] {
  const parts = partsOf(text)
  const long = parts.findIndex(({ title, body }) => body.length > LONG && CONTEXT.test(title))
  if (long === -1) return []
  const above = parts.slice(0, long)
  const isInstructed =
    above.some(({ title }) => INSTRUCTIONS.test(title)) ||
    above.reduce((sum, { body }) => sum + body.length, 0) > LITTLE
  const late = parts.slice(long + 1).find(({ title }) => INSTRUCTIONS.test(title))
  if (isInstructed || !late) return []
  const first = sentences.find(({ start }) => start >= late.start)
  return [{ rule: 'late-instructions', at: { words: first?.text ?? late.title, line: lineAt(text, late.start) } }]
}

interface Part {
  readonly title: string
  readonly body: string
  readonly start: number
}

/** A text by its headings. */
function partsOf(text: string): readonly Part[] {
  const headings = [...text.matchAll(/^ {0,3}#{1,6} +(.*)$/gm)]
  const above = { title: '', body: text.slice(0, headings[0]?.index ?? text.length), start: 0 }
  return [
    above,
    ...headings.map(({ 0: line, 1: title = '', index }, nth) => ({
      title,
      body: text.slice(index + line.length, headings[nth + 1]?.index ?? text.length),
      start: index,
    })),
  ]
}
