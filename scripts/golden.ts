// Makes the golden journals of the newest release. usage: npm run golden [-- --again]
// What was released is never made again: it must be readable for ever as it is.
import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { goldenFile, makeGolden, newest } from '../packages/store/src/golden/releases.fixture.ts'

const there = newest.stores.map((store) => goldenFile(store)).filter((file) => existsSync(file))
if (there.length > 0 && !process.argv.includes('--again')) {
  console.error(
    `${there.map(said).join(' and ')} are there. Once ${newest.name} is out, leave them as they are and begin the next release ` +
      `in packages/store/src/golden/release-NEXT.fixture.ts and releases.fixture.ts. Until then: npm run golden -- --again`,
  )
  process.exit(1)
}
console.log(`Made ${(await makeGolden()).map(said).join(', ')}. Run the tests, and commit them.`)

function said(file: string): string {
  return relative(process.cwd(), file)
}
