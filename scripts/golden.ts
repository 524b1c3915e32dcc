// Makes the golden journals of the newest release. usage: npm run golden [-- --again]
// What was released is never made again: it must be readable for ever as it is.
import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { goldenFile, makeGolden, newest } from '../packages/store/src/golden/releases.fixture.ts'

const file = relative(process.cwd(), goldenFile(newest.name))
if (existsSync(goldenFile(newest.name)) && !process.argv.includes('--again')) {
  console.error(
    `${file} is there. Once ${newest.name} is out, leave it as it is and begin the next release beside it: ` +
      `packages/store/src/golden/release-NEXT.fixture.ts, in releases.fixture.ts. Until then: npm run golden -- --again`,
  )
  process.exit(1)
}
console.log(`Made ${relative(process.cwd(), await makeGolden())}. Run the tests, and commit it.`)
