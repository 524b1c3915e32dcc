// Mends what a tool can mend: lint and format. usage: npm run fix
import { spawnSync } from 'node:child_process'

for (const command of ['oxlint --fix', 'oxfmt .']) {
  const { status } = spawnSync(command, { stdio: 'inherit', shell: true })
  if (status !== 0) process.exitCode = 1
}
