// Looks at packed packages as those who install them will see them. usage: node scripts/check-packages.ts TARBALL...
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { problemKindInfo } from '@arethetypeswrong/core/problems'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

/** Whoever resolves packages in these ways cannot load ES modules, which ours are alone. */
const WITHOUT_MODULES = ['node10', 'node16-cjs']

for (const path of process.argv.slice(2)) {
  const tarball = new Uint8Array(readFileSync(path))
  for (const complaint of [...(await layout(tarball)), ...(await types(tarball))]) {
    console.error(`${basename(path)}: ${complaint}`)
    process.exitCode = 1
  }
}

/** What publint says of the manifest and the files that it names. */
async function layout({ buffer }: Uint8Array<ArrayBuffer>): Promise<string[]> {
  const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true })
  return messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code)
}

/** What attw says of the types of each export, for each way to resolve it. */
async function types(tarball: Uint8Array): Promise<string[]> {
  const result = await checkPackage(createPackageFromTarballData(tarball))
  if (!result.types) return ['It has no types.']
  return result.problems
    .filter((problem) => !('resolutionKind' in problem && WITHOUT_MODULES.includes(problem.resolutionKind)))
    .map((problem) => `${problemKindInfo[problem.kind].title}: ${JSON.stringify(problem)}`)
}
