// What a SKILL.md begins with, by the format of Agent Skills: YAML between two lines of "---", with a name and a description.
// https://agentskills.io/specification
import type { YAMLMap } from 'yaml'

/** So much YAML is read: a name and a description are a small part of it. */
const MAX_YAML = 16_384
const MAX_NAME = 64
const MAX_DESCRIPTION = 1_024

/** What a skill says of itself, or what is wrong with that. */
export type FrontMatter =
  | { readonly ok: true; readonly name: string; readonly description: string }
  | { readonly ok: false; readonly problems: readonly string[] }

/** A file taken apart: its YAML, undefined where there is none, and what comes after it. */
export function takeApart(text: string): { readonly yaml: string | undefined; readonly body: string } {
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  const end = isFence(lines[0]) ? lines.findIndex((line, index) => index > 0 && isFence(line)) : -1
  if (end === -1) return { yaml: undefined, body: text }
  const body = lines.slice(end + 1).join('\n')
  return { yaml: lines.slice(1, end).join('\n'), body: `${body.trim()}\n`.trimStart() }
}

function isFence(line: string | undefined): boolean {
  return line !== undefined && /^---\s*$/.test(line)
}

/** Reads what a SKILL.md begins with. @param folder the name of its folder, which must be that of the skill. */
export async function readFrontMatter(text: string, folder: string): Promise<FrontMatter> {
  const { yaml } = takeApart(text)
  if (yaml === undefined)
    return wrong(
      'does not begin with YAML between two lines of "---". Begin it with: ---, name: …, description: …, ---',
    )
  if (yaml.length > MAX_YAML)
    return wrong(`begins with ${yaml.length} characters of YAML, and may with ${MAX_YAML}. Put the rest below it.`)
  const { isMap, parseDocument } = await import('yaml')
  // Texts stay texts whatever they look like: a name may be 404, and a description "yes".
  const document = parseDocument(yaml, { schema: 'failsafe', stringKeys: true, prettyErrors: true })
  const [error] = document.errors
  if (error) {
    const [what = ''] = error.message.split('\n')
    return wrong(`has YAML that cannot be read: ${what.replace(/:$/, '')}. Put texts with a colon in them in quotes.`)
  }
  if (!isMap(document.contents)) return wrong('has YAML that is no map. Write in it: name: …, description: …')
  const map: YAMLMap = document.contents
  const name = await textOf(map, 'name', MAX_NAME)
  const description = await textOf(map, 'description', MAX_DESCRIPTION)
  const problems = [...name.problems, ...nameProblems(name.text, folder), ...description.problems]
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, name: name.text, description: description.text.replaceAll(/\s+/g, ' ') }
}

interface Text {
  readonly text: string
  readonly problems: readonly string[]
}

async function textOf(map: YAMLMap, key: string, most: number): Promise<Text> {
  const { isScalar } = await import('yaml')
  const node = map.get(key, true)
  if (node === undefined) return bad(`has no ${key}. Add it to its YAML.`)
  if (!isScalar(node) || typeof node.value !== 'string') return bad(`has a ${key} that is no text. Put it in quotes.`)
  const text = node.value.trim()
  if (text === '')
    return bad(
      `has an empty ${key}. Say ${key === 'name' ? 'what it is called' : 'what it is for, and when to use it'}.`,
    )
  // YAML takes it for a remark, and the text would end there without a word.
  if (node.comment != null && node.type === 'PLAIN')
    return bad(`has a ${key} that YAML ends before "#${node.comment}". Put it in quotes.`)
  if (text.length > most) return bad(`has a ${key} of ${text.length} characters. It may have ${most}.`)
  if (/\p{Cc}/u.test(text.replaceAll(/\s/g, ' '))) return bad(`has a ${key} with a control character. Take it out.`)
  return { text, problems: [] }
}

function nameProblems(name: string, folder: string): readonly string[] {
  if (name === '') return []
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name))
    return [`has the name ${JSON.stringify(name)}. It must be of a-z, 0-9 and single hyphens, with none at its ends.`]
  return name === folder ? [] : [`has the name "${name}" in the folder "${folder}". Give both the same name.`]
}

function bad(problem: string): Text {
  return { text: '', problems: [problem] }
}

function wrong(problem: string): FrontMatter {
  return { ok: false, problems: [problem] }
}
