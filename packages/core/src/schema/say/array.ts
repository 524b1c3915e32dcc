import type { JsonSchema } from '../../contracts/schema.ts'
import { annotate, inWords } from './annotate.ts'
import { isList, isSaying, type Raw } from '../raw/raw.ts'
import { refuse } from './refuse.ts'
import { restoreArray } from './restore.ts'
import type { Said, Speaker } from './said.ts'
import { wordsOf } from '../raw/words.ts'

/** Says a list. */
export function sayArray(raw: Raw, path: string, speaker: Speaker): Said {
  const places = raw['prefixItems'] ?? raw['items']
  if (isList(places)) return sayTuple(places, raw, path, speaker)
  return listOf(speaker.say(raw['items'] ?? {}, `${path}[]`), raw)
}

/** Says a tuple whose places all have one type as a list of that length; strict mode cannot tell places apart. */
function sayTuple(places: readonly unknown[], raw: Raw, path: string, speaker: Speaker): Said {
  const rest = raw['prefixItems'] ? raw['items'] : raw['additionalItems']
  // No place is said, and what comes after none may be anything.
  if (places.length === 0 && (rest === undefined || rest === true)) return listOf(speaker.say({}, `${path}[]`), raw)
  const isOpen = isSaying(rest)
  const said = [...places, ...(isOpen ? [rest] : [])].map((place, at) => speaker.say(place, `${path}[${at}]`))
  const [first] = said
  if (first === undefined || said.some(({ json }) => JSON.stringify(json) !== JSON.stringify(first.json))) {
    throw refuse(speaker, path, 'is a tuple of different types', 'Use an object with a name for each place.')
  }
  return listOf(first, isOpen ? raw : { ...raw, maxItems: places.length })
}

function listOf(items: Said, raw: Raw): Said {
  const { minItems, maxItems } = raw
  const json: JsonSchema = {
    type: 'array',
    items: items.json,
    ...(typeof minItems === 'number' && { minItems }),
    ...(typeof maxItems === 'number' && { maxItems }),
  }
  return {
    json: annotate(json, inWords(raw, [...wordsOf(raw), ...(raw['uniqueItems'] === true ? ['no item twice'] : [])])),
    restore: items.restore && restoreArray(items.restore),
  }
}
