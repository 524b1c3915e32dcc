import { defineTool, ToolError } from '@reprise/core'
import { z } from 'zod'
import { readText } from '../folder/read-text.ts'
import { type FolderOptions, rootOf } from '../folder/root.ts'
import { segmentsOf } from '../folder/segments.ts'
import { walk } from '../folder/walk.ts'
import { showLines } from '../text/show-lines.ts'
import { findSkills, MAX_SKILL_BYTES, SKILL_FILE } from './find-skills.ts'
import { takeApart } from './front-matter.ts'

/** The most bytes of a file beside a SKILL.md. */
const MAX_FILE_BYTES = 1_000_000
/** So many files beside a SKILL.md are named. */
const MAX_LISTED = 50

/**
 * Reads a folder of skills in the format of Agent Skills: a folder each, with a SKILL.md that begins with a name and a
 * description, and files beside it.
 *
 * `list` names them for the agent's instructions, in the order of their names, and `tool` reads one when it is needed, or a
 * file beside it. What the model was given stands in the journal of its run: a skill that changes on the disk meanwhile
 * changes nothing in it. Nothing leads out of a skill's folder, and no script in it is run.
 *
 * @returns what an agent takes, once the folder was read.
 * @throws DefinitionError with code `bad_skills` where there are none, more than 100, or one is not as the format has it, and
 * `bad_root` where the root is no path.
 * @see https://agentskills.io/specification
 * @example
 * ```ts
 * import { mkdir, writeFile } from 'node:fs/promises'
 * import { defineAgent, prompt } from '@reprise/core'
 * import { skills } from '@reprise/tools'
 *
 * await mkdir('skills/refunds', { recursive: true })
 * const refunds = '---\nname: refunds\ndescription: How refunds are made. Use it before any refund.\n---\nAsk for the receipt.'
 * await writeFile('skills/refunds/SKILL.md', refunds)
 * const ours = await skills({ root: 'skills' })
 * console.log(ours.names) // [ 'refunds' ]
 * const instructions = prompt({ role: 'You answer the tickets of a shop.', skills: ours.list })
 * const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions, tools: [ours.tool] })
 * ```
 */
export async function skills<const Name extends string = 'read_skill'>(options: FolderOptions<Name>) {
  // The default of Name says the same.
  const name = (options.name ?? 'read_skill') as Name
  const root = rootOf(name, options.root)
  const found = await findSkills(name, root)
  const names = found.map((skill) => skill.name)
  const points = found.map((skill) => `- ${skill.name}: ${skill.description}`)
  return {
    /** The names of the skills, in their order. */
    names,
    /** For the instructions of the agent that has the tool: the skills, a line each, and what they are for. */
    list: `${whatTheyAre(name)}\n\n${points.join('\n')}`,
    /** Reads a skill, or a file beside it. */
    tool: readSkillTool(name, root, names),
  }
}

function whatTheyAre(tool: string): string {
  return `A skill says how something is done here. Before you do what one of these is for, read it with ${tool}, and follow it. Read a file that it names when you come to need it.`
}

function readSkillTool<const Name extends string>(name: Name, root: string, names: readonly string[]) {
  return defineTool({
    name,
    description: 'Reads a skill, which says how something is done, or a file that a skill names.',
    input: z.object({
      // No enum: a call that is recorded stays one when a skill is gone.
      skill: z.string().describe('The name of the skill, as the list has it.'),
      file: z
        .string()
        .optional()
        .describe(
          'The path of a file within the skill, such as "references/forms.md". Leave it out to read the skill itself.',
        ),
      fromLine: z.int().min(1).optional().describe('The first line to read. Leave it out to begin at line 1.'),
    }),
    effect: 'read',
    execute: async ({ skill, file, fromLine }, { signal }) => {
      if (!names.includes(skill)) throw unknownSkill(skill, names)
      const segments = file === undefined ? [SKILL_FILE] : segmentsOf(file)
      const path = segments.join('/')
      if (path !== SKILL_FILE) {
        const text = await readText(root, `${skill}/${path}`, MAX_FILE_BYTES, signal)
        return showLines(text, { mark: 'file', attribute: 'path', name: path, fromLine })
      }
      const text = await readText(root, `${skill}/${path}`, MAX_SKILL_BYTES, signal)
      const shown = showLines(takeApart(text).body, { mark: 'skill', attribute: 'name', name: skill, fromLine })
      return [shown, ...(await filesBeside(root, skill, signal))].join('\n')
    },
  })
}

async function filesBeside(root: string, skill: string, signal: AbortSignal): Promise<readonly string[]> {
  const paths: string[] = []
  const report = { partial: false }
  for await (const { segments, files } of walk(root, [skill], report, signal)) {
    if (segments.some((name) => name.startsWith('.'))) continue
    paths.push(...files.filter((name) => !name.startsWith('.')).map((name) => [...segments.slice(1), name].join('/')))
    if (paths.length > MAX_LISTED + 1) break
  }
  const beside = paths.filter((path) => path !== SKILL_FILE)
  if (beside.length === 0) return []
  const more = beside.length > MAX_LISTED || report.partial ? ', and more' : ''
  const named = beside.slice(0, MAX_LISTED).map((path) => JSON.stringify(path))
  return [`Files of this skill, to be read by their path: ${named.join(', ')}${more}.`]
}

function unknownSkill(skill: string, names: readonly string[]): ToolError {
  return new ToolError({
    code: 'unknown_skill',
    message: `There is no skill ${JSON.stringify(skill)}. There are: ${names.join(', ')}. Use one of these names, or go on without a skill.`,
    details: { skill },
  })
}
