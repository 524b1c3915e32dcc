// The activities of docs/engines.md in Temporal's environment for activities, and its workflow over histories, as a server
// would keep them: the server itself is no npm package.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { CancelledFailure } from '@temporalio/activity'
import { MockActivityEnvironment } from '@temporalio/testing'
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker'
import { activitiesOf } from '../temporal/activities.ts'
import { deskOf, kindsOf } from './desk.mjs'
import { HistoryOf } from './history.mjs'

Runtime.install({ logger: new DefaultLogger('ERROR') })

const waits = { kind: 'waiting', ids: ['agent:0/turn:0/call:0'] }
const done = { kind: 'completed', output: 'You get $200 back.' }

/** Makes an attempt of an activity, in an environment that lives as long. */
function attempt(activities, name, args, info = {}) {
  const environment = new MockActivityEnvironment(info)
  const beats = []
  environment.on('heartbeat', (details) => beats.push(details))
  return { environment, beats, came: environment.run(activities[name], ...args) }
}

void test('a run that waits for a person gives the activity back at once, and goes on when it is asked again', async () => {
  const { runtime, asked } = deskOf({ usd: 200 })
  await using _ = runtime
  const activities = activitiesOf(runtime)
  const ask = () => attempt(activities, 'advance', ['ticket-1', 'It is broken'], { startToCloseTimeoutMs: 1_000 }).came
  assert.deepEqual(await ask(), waits)
  assert.deepEqual(await ask(), waits)
  await runtime.approve('ticket-1', waits.ids[0], { by: 'ana' })
  assert.deepEqual(await ask(), done)
  assert.deepEqual(asked, [0, 1])
})

void test('it beats while the model thinks, and an attempt after one that was cut off follows the same run', async () => {
  const thought = Promise.withResolvers()
  const { runtime, asked } = deskOf({ thinks: (turn) => (turn === 1 ? thought.promise : undefined) })
  await using _ = runtime
  const activities = activitiesOf(runtime)
  const first = attempt(activities, 'advance', ['ticket-2', 'It is broken'])
  const twice = Promise.withResolvers()
  first.environment.on('heartbeat', () => first.beats.length === 2 && twice.resolve())
  await twice.promise
  assert.ok(
    first.beats.every(({ events }) => events >= 3),
    JSON.stringify(first.beats),
  )
  first.environment.cancel('WORKER_SHUTDOWN')
  await assert.rejects(first.came, (error) => error instanceof CancelledFailure && error.message === 'WORKER_SHUTDOWN')
  assert.equal((await runtime.runs.get('ticket-2')).status, 'running')

  const second = attempt(activities, 'advance', ['ticket-2', 'It is broken'], { attempt: 2 })
  thought.resolve()
  assert.deepEqual(await second.came, { kind: 'completed', output: 'You get $30 back.' })
  assert.deepEqual(asked, [0, 1])
})

void test('a run is cancelled by the activity for it, and what was cancelled is told as a failure for good', async () => {
  const { runtime } = deskOf({ usd: 200 })
  await using _ = runtime
  const activities = activitiesOf(runtime)
  await attempt(activities, 'advance', ['ticket-3', 'It is broken']).came
  await attempt(activities, 'cancel', ['ticket-3']).came
  assert.equal((await kindsOf(runtime, 'ticket-3')).at(-1), 'run.cancelled')
  assert.deepEqual(await attempt(activities, 'advance', ['ticket-3', 'It is broken']).came, {
    kind: 'failed',
    how: 'cancelled',
    message: 'Its workflow was cancelled.',
  })
})

void test('a run that had not begun is none to cancel', async () => {
  const { runtime } = deskOf()
  await using _ = runtime
  await attempt(activitiesOf(runtime), 'cancel', ['ticket-none']).came
})

void test('the same id with another text is refused by an error that is not tried again', async () => {
  const { runtime } = deskOf()
  await using _ = runtime
  const activities = activitiesOf(runtime)
  await attempt(activities, 'advance', ['ticket-4', 'It is broken']).came
  const other = attempt(activities, 'advance', ['ticket-4', 'It is late'])
  await assert.rejects(other.came, { name: 'DefinitionError', code: 'run_exists' })
})

void test("the workflow does what histories of a server say, by Temporal's own replay", async (context) => {
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(import.meta.dirname, '..', 'temporal', 'workflow.ts'),
    logger: new DefaultLogger('ERROR'),
  })
  const replay = (history) =>
    Worker.runReplayHistory({ workflowBundle: { code } }, { events: history.events }, 'ticket-1')
  const begun = () => new HistoryOf('ticket', ['It is broken']).asks('advance', ['ticket-1', 'It is broken'])

  await context.test('it completes at once where the run does', () =>
    replay(begun().gives(done).completes(done.output)),
  )
  await context.test('it waits until it is told, and asks again', () =>
    replay(
      begun()
        .gives(waits)
        .told('told')
        .asks('advance', ['ticket-1', 'It is broken'])
        .gives(done)
        .completes(done.output),
    ),
  )
  await context.test('what it is told while an activity is under way is heard', () =>
    replay(
      begun()
        .told('told')
        .gives(waits)
        .asks('advance', ['ticket-1', 'It is broken'])
        .gives(done)
        .completes(done.output),
    ),
  )
  await context.test('it cancels the run where it is cancelled while it waits', () =>
    replay(begun().gives(waits).cancelled().asks('cancel', ['ticket-1']).gives(null).endsCancelled()),
  )
  await context.test('a history of another code is refused', () =>
    assert.rejects(replay(begun().gives(waits).asks('cancel', ['ticket-1'])), { name: 'DeterminismViolationError' }),
  )
})
