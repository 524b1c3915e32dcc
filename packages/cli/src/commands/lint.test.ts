import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { printed, reprise, tempFolder, writeConfig } from '../reprise.fixture.ts'

const BAD = `[
  desk.clerk,
  { ...desk.writer, instructions: () => 'Always answer in English.\\nReply in the language of the customer.' },
  { ...desk.cashier, instructions: ({ context }) => context.tier.name },
]`

describe('reprise lint', () => {
  it('finds nothing in definitions in which there is nothing', async () => {
    const cwd = tempFolder()
    writeConfig(cwd)
    expect(await printed(['lint'], { cwd })).toBe('Nothing was found in 3 agents.\n')
  })

  it('says where, which words, why and what to do, fails, and names whose instructions it could not make', async () => {
    const cwd = tempFolder()
    writeConfig(cwd, BAD)
    const { code, stdout, stderr } = await reprise(['lint'], { cwd })
    expect([code, stderr]).toEqual([1, ''])
    expect(stdout).toBe(`\
writer, instructions, line 2  contradiction
  "Reply in the language of the customer.", and in line 1: "Always answer in English."
  why  Where two instructions conflict, the model goes by the one that comes later, or now by one and now by the other. https://cookbook.openai.com/examples/gpt4-1_prompting_guide#3-instruction-following
  do   Keep one of them, or say when each of them holds.

The instructions of cashier could not be made without a context (Cannot read properties of null (reading 'tier')), so its tools alone were looked at. Give lintPrompt what they make in a test.
1 finding in 3 agents.
`)
  })

  it('leaves out what is ignored, of all agents or of one, and refuses a rule that there is not', async () => {
    const cwd = tempFolder()
    writeConfig(cwd, BAD)
    expect((await reprise(['lint', '--ignore', 'contradiction'], { cwd })).code).toBe(0)
    expect(
      (await reprise(['lint', '--ignore', 'sample-phrase', '--ignore', 'contradiction:writer'], { cwd })).code,
    ).toBe(0)
    expect((await reprise(['lint', '--ignore', 'contradiction:clerk'], { cwd })).code).toBe(1)
    const { code, stderr } = await reprise(['lint', '--ignore', 'contradictions'], { cwd })
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('It must be a rule, or a rule and an agent: contradiction,'),
    ])
  })

  it('looks at files, at their lines, and needs no config for it', async () => {
    const cwd = tempFolder()
    writeFileSync(join(cwd, 'good.md'), 'Be kind.')
    writeFileSync(join(cwd, 'bad.md'), '# Rules\n\n- Always use a tool.')
    const { code, stdout } = await reprise(['lint', 'good.md', 'bad.md', '--sarif', 'a.sarif', '--json'], { cwd })
    expect(code).toBe(1)
    const told = JSON.parse(stdout) as { findings: object[]; looked: string[] }
    expect(told.findings).toMatchObject([{ rule: 'always-call-a-tool', agent: null, file: 'bad.md', line: 3 }])
    expect(told.looked).toEqual(['good.md', 'bad.md'])
    const sarif = JSON.parse(readFileSync(join(cwd, 'a.sarif'), 'utf8')) as { runs: { results: unknown[] }[] }
    expect(sarif.runs[0]?.results).toMatchObject([
      {
        ruleId: 'always-call-a-tool',
        level: 'warning',
        message: { text: expect.stringMatching(/^Instructions, line 3: "Always use a tool\."\. Say when/) as string },
        locations: [{ physicalLocation: { artifactLocation: { uri: 'bad.md' }, region: { startLine: 3 } } }],
      },
    ])
    const missing = await reprise(['lint', 'none.md'], { cwd })
    expect([missing.code, missing.stderr]).toEqual([
      1,
      `reprise: There is no file at ${join(cwd, 'none.md')}. Check the path.\n`,
    ])
  })

  it('writes what is found of agents as SARIF, at the config and the agent', async () => {
    const cwd = tempFolder()
    writeConfig(cwd, BAD)
    expect((await reprise(['lint', '--sarif', 'a.sarif'], { cwd })).code).toBe(1)
    expect(JSON.parse(readFileSync(join(cwd, 'a.sarif'), 'utf8'))).toMatchObject({
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: {
              rules: [{ id: 'contradiction', help: { text: 'Keep one of them, or say when each of them holds.' } }],
            },
          },
          automationDetails: { id: 'reprise/lint/' },
          results: [
            {
              ruleIndex: 0,
              locations: [
                {
                  physicalLocation: { artifactLocation: { uri: 'reprise.config.ts' } },
                  logicalLocations: [{ fullyQualifiedName: 'agent writer', kind: 'type' }],
                },
              ],
            },
          ],
        },
      ],
    })
  })
})
