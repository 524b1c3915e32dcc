import { opendir, stat } from 'node:fs/promises'
import { DefinitionError, messageOf, printable } from '@reprise/core'
import { enter, type Folder } from '../folder/folder.ts'
import { readWhole, withFileIn } from '../folder/open-file.ts'
import { decodeText } from '../text/encoding.ts'
import { readFrontMatter } from './front-matter.ts'

/** The file that makes a folder a skill. */
export const SKILL_FILE = 'SKILL.md'
/** The most bytes of one: the format recommends less than 5,000 tokens, which are about 20,000. */
export const MAX_SKILL_BYTES = 100_000
/** All of them are listed in the prompt. */
const MAX_SKILLS = 100
/** A folder with so many names is no folder of skills. */
const MAX_NAMES = 10_000

/** A skill, as it is listed. */
export interface ListedSkill {
  readonly name: string
  readonly description: string
}

/**
 * Finds the skills in a folder: the folders in it that have a SKILL.md, by their names.
 *
 * @param tool the name of the tool that reads them, for what is told of it.
 * @throws DefinitionError with code `bad_skills` where there are none, too many, or one is not as the format has it.
 */
export async function findSkills(tool: string, root: string): Promise<readonly ListedSkill[]> {
  const problems: string[] = []
  const skills: ListedSkill[] = []
  for (const name of await foldersIn(tool, root, problems)) {
    const read = await readSkill(root, name).catch((error: unknown) => [`cannot be read. ${messageOf(error)}`])
    if (read && 'name' in read) skills.push(read)
    else problems.push(...(read ?? []).map((problem) => `${name}/${SKILL_FILE} ${problem}`))
  }
  if (problems.length > 0) throw bad(tool, root, problems)
  if (skills.length === 0) throw bad(tool, root, [`has no skill. Make a folder for each in it, with a ${SKILL_FILE}.`])
  if (skills.length > MAX_SKILLS)
    throw bad(tool, root, [
      `has ${skills.length} skills, and ${MAX_SKILLS} are listed at most. Give agents a folder each.`,
    ])
  return skills
}

/** @returns names in the order of their characters, which is the same on every machine. */
async function foldersIn(tool: string, root: string, problems: string[]): Promise<readonly string[]> {
  return within(tool, root, async (folder) => {
    const names: string[] = []
    let seen = 0
    for await (const entry of await opendir(folder.at())) {
      if (++seen > MAX_NAMES)
        throw bad(tool, root, [`has more than ${MAX_NAMES} names in it. Give a folder of skills alone.`])
      if (entry.isDirectory()) names.push(entry.name)
      else if (entry.isSymbolicLink() && (await leadsToFolder(folder.at(entry.name))))
        problems.push(`${entry.name} is a link, and links are not followed. Put the folder itself there.`)
    }
    return names.toSorted()
  })
}

async function within<T>(tool: string, root: string, use: (folder: Folder) => Promise<T>): Promise<T> {
  let folder: Folder
  try {
    folder = await enter(root, [])
  } catch (cause) {
    throw bad(tool, root, ['cannot be opened. Give the path of a folder.'], cause)
  }
  try {
    return await use(folder)
  } finally {
    await folder.close()
  }
}

async function leadsToFolder(place: string): Promise<boolean> {
  return stat(place).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
}

/** @returns what is wrong with it, or undefined where the folder holds no skill. */
async function readSkill(root: string, name: string): Promise<ListedSkill | readonly string[] | undefined> {
  const folder = await enter(root, [name])
  try {
    const file = await fileIn(folder)
    if (file === undefined) return undefined
    if (file !== SKILL_FILE) return [`is called "${file}". Call it ${SKILL_FILE}.`]
    const path = `${name}/${file}`
    const bytes = await withFileIn(folder, file, path, MAX_SKILL_BYTES, (open) =>
      readWhole(open, path, MAX_SKILL_BYTES, new AbortController().signal),
    )
    const decoded = decodeText(bytes)
    if (!decoded) return ['is no text but binary data. Write it as UTF-8.']
    const read = await readFrontMatter(decoded.text, name)
    return read.ok ? { name: read.name, description: read.description } : read.problems
  } finally {
    await folder.close()
  }
}

async function fileIn(folder: Folder): Promise<string | undefined> {
  let found: string | undefined
  let seen = 0
  for await (const { name } of await opendir(folder.at())) {
    if (name === SKILL_FILE) return name
    if (name.toLowerCase() === SKILL_FILE.toLowerCase()) found = name
    if (++seen > MAX_NAMES) break
  }
  return found
}

function bad(tool: string, root: string, problems: readonly string[], cause?: unknown): DefinitionError {
  return new DefinitionError({
    code: 'bad_skills',
    message: `The folder of skills ${printable(root)} of the tool "${tool}" cannot be used: ${printable(problems.join(' '))}`,
    details: { tool, root, problems: [...problems] },
    cause,
  })
}
