import type { Command } from 'commander'
import { answerCommand } from './commands/answer.ts'
import { approvalsCommand } from './commands/approvals.ts'
import { approveCommand } from './commands/approve.ts'
import { auditCommand } from './commands/audit.ts'
import { backtestCommand } from './commands/backtest.ts'
import { backupCommand } from './commands/backup.ts'
import { cacheCommand } from './commands/cache.ts'
import { cancelCommand } from './commands/cancel.ts'
import { diffCommand } from './commands/diff.ts'
import { completeWordsCommand, completionCommand } from './commands/completion.ts'
import { costsCommand } from './commands/costs.ts'
import { doctorCommand } from './commands/doctor.ts'
import { enqueueCommand } from './commands/enqueue.ts'
import { eraseCommand } from './commands/erase.ts'
import { exportCommand } from './commands/export.ts'
import { evalCommand } from './commands/eval.ts'
import { forkCommand } from './commands/fork.ts'
import { gcCommand } from './commands/gc.ts'
import { fakeCommand } from './commands/fake.ts'
import { importCommand } from './commands/import.ts'
import { initCommand } from './commands/init.ts'
import { lintCommand } from './commands/lint.ts'
import { memoryCommand } from './commands/memory.ts'
import { migrateCommand } from './commands/migrate.ts'
import { modelsCommand } from './commands/models.ts'
import { moveCommand } from './commands/move.ts'
import { rejectCommand } from './commands/reject.ts'
import { unquarantineCommand } from './commands/unquarantine.ts'
import { replayCommand } from './commands/replay.ts'
import { settleDoubtCommand } from './commands/settle-doubt.ts'
import { restoreCommand } from './commands/restore.ts'
import { restoredCommand } from './commands/restored.ts'
import { resumeCommand } from './commands/resume.ts'
import { rewindCommand } from './commands/rewind.ts'
import { runsCommand } from './commands/runs.ts'
import { schedulesCommand } from './commands/schedules.ts'
import { sendCommand } from './commands/send.ts'
import { showCommand } from './commands/show.ts'
import { verifyCommand } from './commands/verify.ts'
import { watchCommand } from './commands/watch.ts'
import { workCommand } from './commands/work.ts'
import { command } from './line/command.ts'
import { EXIT_CODES } from './line/exit-code.ts'
import type { Io } from './line/io.ts'
import { ownVersion, TEMPLATE } from './own-files.ts'

const AFTER = `
The runtime is the export \`runtime\` of reprise.config.ts, the nearest upwards from here or the one given by --config.
Commands that only look need no config where a store is named by --store or REPRISE_STORE.

Exit codes:
${EXIT_CODES.map(({ code, meaning }) => `  ${String(code).padEnd(5)}${meaning}`).join('\n')}

Environment:
  REPRISE_STORE    the SQLite file of the runs, or the address of a Postgres database
  REPRISE_KEYS     the address of the database with the keys of an encrypted store on Postgres, where that is another one
  REPRISE_BLOBS    the folder with the large bodies of a store on Postgres, or s3://BUCKET/PREFIX?region=REGION, with AWS's variables
  REPRISE_KEY      the key of an encrypted one, 32 bytes in base64; old keys after it, with commas between them
  REPRISE_FROM_KEY the key of a file that is moved, where that is another one
  REPRISE_DEBUG=1  errors with their stacks
  NO_COLOR=1       no colours; there are none either where the output is piped, unless FORCE_COLOR=1 is set`

/** The whole command line. */
export function program(io: Io): Command {
  const version = ownVersion()
  const whole = command(
    io,
    'reprise',
    'Look at the runs of a store, follow them, take them up again; replay, fork, backtest and evaluate.',
  )
  return (
    whole
      .version(version)
      .addCommand(initCommand(io, { template: TEMPLATE, version }))
      .addCommand(doctorCommand(io))
      .addCommand(workCommand(io))
      .addCommand(enqueueCommand(io))
      .addCommand(runsCommand(io))
      .addCommand(schedulesCommand(io))
      .addCommand(showCommand(io))
      .addCommand(watchCommand(io))
      .addCommand(resumeCommand(io))
      .addCommand(sendCommand(io))
      .addCommand(approvalsCommand(io))
      .addCommand(approveCommand(io))
      .addCommand(rejectCommand(io))
      .addCommand(answerCommand(io))
      .addCommand(settleDoubtCommand(io))
      .addCommand(unquarantineCommand(io))
      .addCommand(cancelCommand(io))
      .addCommand(lintCommand(io, version))
      .addCommand(replayCommand(io, version))
      .addCommand(forkCommand(io))
      .addCommand(diffCommand(io))
      .addCommand(rewindCommand(io))
      .addCommand(backtestCommand(io))
      .addCommand(evalCommand(io))
      .addCommand(migrateCommand(io))
      .addCommand(modelsCommand(io))
      .addCommand(costsCommand(io))
      .addCommand(cacheCommand(io))
      .addCommand(verifyCommand(io))
      .addCommand(backupCommand(io))
      .addCommand(restoreCommand(io))
      .addCommand(restoredCommand(io))
      .addCommand(moveCommand(io))
      .addCommand(exportCommand(io, { version }))
      .addCommand(importCommand(io, { version }))
      .addCommand(gcCommand(io))
      .addCommand(eraseCommand(io))
      .addCommand(memoryCommand(io))
      .addCommand(auditCommand(io))
      .addCommand(fakeCommand(io))
      .addCommand(completionCommand(io))
      .addCommand(
        completeWordsCommand(io, () => whole),
        { hidden: true },
      )
      // As they were called before; they go with the next release.
      .addCommand(settleDoubtCommand(io, 'resolve'), { hidden: true })
      .addCommand(unquarantineCommand(io, 'release'), { hidden: true })
      .addHelpText('after', AFTER)
  )
}
