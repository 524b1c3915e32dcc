import type { Found } from './finding.ts'
import { isUnconditional, type Sentence, unquoted } from './sentences.ts'

const ALWAYS = /\b(?:always|must|(?:every|each)\s+(?:turn|time|message|reply|response|answer|question|request))\b/i
/** Any tool: a demand for one that is named is another thing. */
const A_TOOL =
  /(?<!\b(?:not|never|n't|cannot|without|only)\s(?:\w+\s)?)\b(?:call|use|invoke|make)\s+(?:at least\s+|exactly\s+)?(?:a|an|one of the|one|some|the|your|its|any)?\s*(?:available\s+|provided\s+|appropriate\s+|suitable\s+|right\s+)?(?:tools?|functions?|(?:tool|function)\s+calls?)\b/i
const GUESSING = /\bguess/i
/** The remedy of the guide: it asks where something is missing. */
const ASKS =
  /\bask\b[^.!?\n]{0,100}\b(?:missing|need|not (?:have|given|provided)|enough|lack|unclear)|\b(?:missing|lack|need|not (?:have|given|provided)|enough)\b[^.!?\n]{0,100}\bask\b/i

/** Demands to call a tool whatever comes, in a prompt that does not say to ask for what is missing. */
export function alwaysCall(sentences: readonly Sentence[], text: string): readonly Found[] {
  if (ASKS.test(text)) return []
  return sentences.flatMap((sentence): readonly Found[] => {
    const words = unquoted(sentence.text)
    const isDemand = ALWAYS.test(words) && A_TOOL.test(words) && !GUESSING.test(words) && !/\bat most\b/i.test(words)
    // "Before each answer" is no condition, since there is always one.
    const isAlways = isUnconditional(words.replaceAll(/\b(?:before|after|first)\b/gi, ''))
    return isDemand && isAlways
      ? [{ rule: 'always-call-a-tool', at: { words: sentence.text, line: sentence.line } }]
      : []
  })
}

const SAMPLE_HEADING =
  /\b(?:sample|example|useful|typical)\s+(?:phrases|sentences|messages|repl(?:y|ies)|wordings?)\b|^phrases$/i
const SAY_SUCH_AS =
  /\b(?:say|saying|repl(?:y|ies)|respond|greet|apologi[sz]e|tell (?:them|the (?:user|customer))|phrases?)\b[^"\u201C.]{0,60}\b(?:such as|for example|for instance|e\.g\.|things? like|phrases? like|along the lines of|like)\s*[:,]?\s*(?=["\u201C])/i
const QUOTE = /["\u201C]([^"\u201C\u201D]{12,})["\u201D]/
/** It is to be said so, or not at all, or somebody else says it. */
const MEANT =
  /\b(?:exactly|verbatim|word for word|literally|to the letter|not|never|avoid|don't)\b|\b(?:users?|customers?|they)\s+(?:may|might|can|could|will)?\s*(?:asks?|says?|texts?|writes?|requests?)\b/i
const VARY =
  /\b(?:vary|varied|reword|rephrase|in your own words|(?:do not|don't|never) (?:repeat|copy)|not word for word)\b/i

/** Phrases that show how to speak, in a prompt that does not say to vary them. */
export function samplePhrases(sentences: readonly Sentence[], text: string): readonly Found[] {
  if (VARY.test(text)) return []
  const found = sentences.find((sentence) => {
    const [, phrase = ''] = QUOTE.exec(sentence.text) ?? []
    if (phrase.trim().split(/\s+/).length < 4 || MEANT.test(unquoted(sentence.text))) return false
    return SAMPLE_HEADING.test(sentence.heading) || SAY_SUCH_AS.test(sentence.text)
  })
  return found ? [{ rule: 'sample-phrase', at: { words: found.text, line: found.line } }] : []
}
