import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { skills } from '@reprise/tools/skills'
import { describe, expect, it } from 'vitest'
import { told } from '../call.fixture.ts'
import { tempFolder } from '../temp-folder.fixture.ts'

/** A SKILL.md. */
function skill(name: string, description = `How ${name} are done.`, body = `Do ${name} well.`): string {
  return `---\nname: ${name}\ndescription: ${description}\n---\n\n${body}\n`
}

describe('skills', () => {
  it('are listed by name and description, in the order of their names, and the same each time', async () => {
    const root = tempFolder({
      'refunds/SKILL.md': skill('refunds', '>-\n  How refunds\n  are made:   "at once".'),
      'a-2/SKILL.md': skill('a-2', "'Ends in # no remark: here.'").replaceAll('\n', '\r\n'),
      'a/SKILL.md': `\uFEFF${skill('a', 'yes')}`,
      'b10/SKILL.md':
        '---\nlicense: MIT\nmetadata:\n  version: "1.0"\nname: b10\ndescription: 404\nallowed-tools: Bash(git:*)\n---\n',
      'README.md': 'No skill.',
      'drafts/notes.md': 'No skill either.',
      '.git/config': 'Nor this.',
    })
    const { list, names } = await skills({ root })
    expect(names).toEqual(['a', 'a-2', 'b10', 'refunds'])
    expect(list).toBe(`\
A skill says how something is done here. Before you do what one of these is for, read it with read_skill, and follow it. Read a file that it names when you come to need it.

- a: yes
- a-2: Ends in # no remark: here.
- b10: 404
- refunds: How refunds are made: "at once".`)
    expect((await skills({ root })).list).toBe(list)
    expect((await skills({ root, name: 'how_to' })).list).toContain('read it with how_to, and')
  })

  it('are read without what they begin with, and name the files beside them', async () => {
    const root = tempFolder({
      'refunds/SKILL.md': skill('refunds', 'Refunds.', '# Refunds\n\nSee forms/a.md. </skill> is a mark.'),
      'refunds/forms/a.md': 'A form.\n</file>\n',
      'refunds/limits.csv': 'a,b\n',
      'refunds/.cache/x': 'x',
      'refunds/logo.png': new Uint8Array([0, 1, 2, 0, 255, 254, 0, 0]),
    })
    const { tool } = await skills({ root })
    expect(await told(tool, { skill: 'refunds' })).toBe(`\
<skill name="refunds" lines="1-3" of="3">
# Refunds

See forms/a.md. &lt;/skill> is a mark.
</skill>
Files of this skill, to be read by their path: "limits.csv", "logo.png", "forms/a.md".`)
    expect(await told(tool, { skill: 'refunds', fromLine: 3 })).toContain('<skill name="refunds" lines="3-3" of="3">')
    expect(await told(tool, { skill: 'refunds', file: './forms/../forms/a.md' })).toBe(
      '<file path="forms/a.md" lines="1-2" of="2">\nA form.\n&lt;/file>\n</file>',
    )
    expect(await told(tool, { skill: 'refunds', file: 'SKILL.md' })).toContain(
      '<skill name="refunds" lines="1-3" of="3">',
    )
    expect(await told(tool, { skill: 'refunds', file: 'logo.png' })).toContain('is no text but binary data')
  })

  it('keep their files to themselves: nothing leads out of a skill, nor to a skill that is none', async () => {
    const outside = tempFolder({ 'secret.txt': 'the secret', 'linked/SKILL.md': skill('linked') })
    const root = tempFolder({
      'refunds/SKILL.md': skill('refunds'),
      'returns/SKILL.md': skill('returns'),
      'returns/inner.md': 'the secret',
      'notes/a.md': 'the secret',
    })
    symlinkSync(join(outside, 'secret.txt'), join(root, 'refunds/link.md'))
    symlinkSync(outside, join(root, 'refunds/out'))
    const { tool } = await skills({ root })
    const tries = [
      '../returns/inner.md',
      'a/../../returns/inner.md',
      '/etc/passwd',
      'link.md',
      'out/secret.txt',
      '..\\a',
      'none.md',
    ]
    for (const file of tries) {
      const answer = await told(tool, { skill: 'refunds', file })
      expect(answer).not.toContain('the secret')
      expect(answer).toMatch(/leads out of|is absolute|is a link|holds a backslash|does not exist/)
    }
    for (const name of ['notes', '../refunds', 'refunds/forms', 'REFUNDS', ''])
      expect(await told(tool, { skill: name })).toContain(
        `There is no skill ${JSON.stringify(name)}. There are: refunds, returns. Use one of these names, or go on without a skill.`,
      )
    expect(await told(tool, { skill: 'refunds' })).not.toContain('Files of this skill')
  })

  it.each<[string, string, string]>([
    [
      'no front matter',
      'Refund.',
      'does not begin with YAML between two lines of "---". Begin it with: ---, name: …, description: …, ---',
    ],
    [
      'an end that is missing',
      '---\nname: refunds\ndescription: a\n',
      'does not begin with YAML between two lines of "---".',
    ],
    ['no name', '---\ndescription: a\n---\n', 'has no name. Add it to its YAML.'],
    ['no description', '---\nname: refunds\n---\n', 'has no description. Add it to its YAML.'],
    [
      'an empty description',
      '---\nname: refunds\ndescription:\n---\n',
      'has an empty description. Say what it is for, and when to use it.',
    ],
    [
      'another name than its folder',
      skill('returns'),
      'has the name "returns" in the folder "refunds". Give both the same name.',
    ],
    [
      'a name in capitals',
      skill('Refunds'),
      'has the name "Refunds". It must be of a-z, 0-9 and single hyphens, with none at its ends.',
    ],
    ['a name that is too long', skill('a'.repeat(65)), 'has a name of 65 characters. It may have 64.'],
    [
      'a description that is too long',
      skill('refunds', 'a'.repeat(1_025)),
      'has a description of 1025 characters. It may have 1024.',
    ],
    [
      'a description that is a list',
      skill('refunds', '[a, b]'),
      'has a description that is no text. Put it in quotes.',
    ],
    [
      'a colon in a text',
      skill('refunds', 'Use when: somebody asks'),
      'has YAML that cannot be read: Nested mappings are not allowed in compact mappings at line 2, column 14. Put texts with a colon in them in quotes.',
    ],
    [
      'a text that YAML cuts',
      skill('refunds', 'Refunds for C # and issue #42'),
      'has a description that YAML ends before "# and issue #42". Put it in quotes.',
    ],
    ['YAML that is a list', '---\n- a\n---\n', 'has YAML that is no map. Write in it: name: …, description: …'],
    [
      'a name twice',
      '---\nname: refunds\nname: refunds\ndescription: a\n---\n',
      'has YAML that cannot be read: Map keys must be unique at line 2, column 1.',
    ],
    [
      'YAML without end',
      `---\n${'a: 1\n'.repeat(4_000)}---\n`,
      'begins with 19999 characters of YAML, and may with 16384. Put the rest below it.',
    ],
    [
      'an alias that is a bomb',
      '---\nname: &a [*a]\ndescription: *a\n---\n',
      'has a name that is no text. Put it in quotes. refunds/SKILL.md has a description that is no text. Put it in quotes.',
    ],
    ['too many bytes', skill('refunds', 'a', 'a'.repeat(100_000)), 'cannot be read. "refunds/SKILL.md" has '],
    [
      'a control character',
      skill('refunds', '"a\\u0007b"'),
      'has a description with a control character. Take it out.',
    ],
  ])('with %s are refused, and it is said what is wrong', async (_, content, problem) => {
    const root = tempFolder({ 'refunds/SKILL.md': content, 'good/SKILL.md': skill('good') })
    await expect(skills({ root })).rejects.toThrow(
      expect.objectContaining({
        code: 'bad_skills',
        message: expect.stringContaining(
          `The folder of skills ${root} of the tool "read_skill" cannot be used: refunds/SKILL.md ${problem}`,
        ) as string,
      }),
    )
  })

  it('that cannot be listed are refused, all of them at once', async () => {
    const linked = tempFolder({ 'SKILL.md': skill('linked') })
    const root = tempFolder({ 'refunds/skill.md': skill('refunds'), 'none/SKILL.md': '' })
    symlinkSync(linked, join(root, 'linked'))
    await expect(skills({ root })).rejects.toThrow(
      `The folder of skills ${root} of the tool "read_skill" cannot be used: linked is a link, and links are not followed. ` +
        'Put the folder itself there. none/SKILL.md does not begin with YAML between two lines of "---". ' +
        'Begin it with: ---, name: …, description: …, --- refunds/SKILL.md is called "skill.md". Call it SKILL.md.',
    )
    await expect(skills({ root: join(root, 'nowhere') })).rejects.toThrow(
      'cannot be opened. Give the path of a folder.',
    )
    await expect(skills({ root: tempFolder() })).rejects.toThrow(
      'has no skill. Make a folder for each in it, with a SKILL.md.',
    )
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`s${n}/SKILL.md`, skill(`s${n}`)]))
    await expect(skills({ root: tempFolder(many) })).rejects.toThrow('has 101 skills, and 100 are listed at most.')
    await expect(skills({ root: '' })).rejects.toThrow(
      'Tool "read_skill" has the root "". It must be the path of a folder.',
    )
  })
})
