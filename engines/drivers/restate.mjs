// The handlers of docs/engines.md in Restate's own server.
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { ticketOf } from '../restate/ticket.ts'
import { deskOf, kindsOf } from './desk.mjs'
import { freePort, serve, startRestate } from './restate-server.mjs'

const ask = 'agent:0/turn:0/call:0'
let server

before(async () => {
  server = await startRestate()
})
after(() => server[Symbol.asyncDispose]())

/** Serves a desk from this process, and registers it. */
async function served(options, patienceMs) {
  const desk = deskOf(options)
  const port = await freePort()
  const endpoint = await serve(ticketOf(desk.runtime, patienceMs), port)
  await server.register(port)
  return {
    ...desk,
    async [Symbol.asyncDispose]() {
      endpoint[Symbol.dispose]()
      await desk.runtime.close()
    },
  }
}

/** What Restate knows of an invocation. */
async function invocation(key) {
  const query = `select id, status, journal_size from sys_invocation where target_service_key = '${key}' and target_handler_name = 'run'`
  const { rows } = await server.manage('POST', '/query', { query })
  return rows[0]
}

async function until(what, isSo) {
  for (;;) {
    const seen = await what()
    if (isSo(seen)) return seen
    await setTimeout(50)
  }
}

void test('a run that waits for a person is put away, and goes on when it is answered', async () => {
  await using desk = await served({ usd: 200 })
  await server.speak('POST', '/ticket/ticket-1/run/send', 'It is broken')
  await until(
    () => invocation('ticket-1'),
    (seen) => seen?.status === 'suspended',
  )
  assert.equal((await desk.runtime.runs.get('ticket-1')).status, 'waiting')
  await server.speak('POST', '/ticket/ticket-1/answer', { ask, allowed: true, by: 'ana' })
  assert.equal(await server.speak('GET', '/restate/workflow/ticket/ticket-1/attach'), 'You get $200 back.')
  assert.deepEqual(desk.asked, [0, 1])
})

void test('a run that takes longer than a step may is asked for again, and the model is not', async () => {
  const thought = Promise.withResolvers()
  await using desk = await served({ thinks: (turn) => (turn === 1 ? thought.promise : undefined) }, 200)
  await server.speak('POST', '/ticket/ticket-2/run/send', 'It is broken')
  const { journal_size } = await until(
    () => invocation('ticket-2'),
    (seen) => seen?.journal_size >= 4,
  )
  assert.ok(journal_size >= 4)
  thought.resolve()
  assert.equal(await server.speak('GET', '/restate/workflow/ticket/ticket-2/attach'), 'You get $30 back.')
  assert.deepEqual(desk.asked, [0, 1])
})

void test('what is cancelled in Restate is cancelled in its run', async () => {
  await using desk = await served({ usd: 200 })
  await server.speak('POST', '/ticket/ticket-3/run/send', 'It is broken')
  const { id } = await until(
    () => invocation('ticket-3'),
    (seen) => seen?.status === 'suspended',
  )
  await server.manage('PATCH', `/invocations/${id}/cancel`)
  await until(
    () => invocation('ticket-3'),
    (seen) => seen?.status === 'completed',
  )
  assert.equal((await kindsOf(desk.runtime, 'ticket-3')).at(-1), 'run.cancelled')
})

void test('what is cancelled while the model thinks is too', async () => {
  const thought = Promise.withResolvers()
  await using desk = await served({ thinks: (turn) => (turn === 1 ? thought.promise : undefined) })
  await server.speak('POST', '/ticket/ticket-4/run/send', 'It is broken')
  await until(
    () => desk.asked,
    (asked) => asked.length === 2,
  )
  const { id } = await invocation('ticket-4')
  await server.manage('PATCH', `/invocations/${id}/cancel`)
  await until(
    () => invocation('ticket-4'),
    (seen) => seen?.status === 'completed',
  )
  const run = await desk.runtime.resume('ticket-4')
  assert.equal((await run.outcome()).kind, 'cancelled')
  thought.resolve()
})

void test('what is cancelled in the run fails in Restate, for good', async () => {
  await using desk = await served({ usd: 200 })
  await server.speak('POST', '/ticket/ticket-5/run/send', 'It is broken')
  await until(
    () => invocation('ticket-5'),
    (seen) => seen?.status === 'suspended',
  )
  await desk.runtime.cancel('ticket-5', 'Sold out.')
  await assert.rejects(
    server.speak('POST', '/ticket/ticket-5/answer', { ask, allowed: true, by: 'ana' }),
    /has ended|no call/,
  )
})

void test('a process that is killed loses nothing: the next one takes the same run up', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'reprise-restate-'))
  const [database, log] = [join(folder, 'desk.db'), join(folder, 'asked')]
  const port = await freePort()
  const start = async (...more) => {
    const child = fork(join(import.meta.dirname, 'restate-endpoint.mjs'), [String(port), database, log, ...more], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    await once(child, 'message')
    return child
  }
  const first = await start('die')
  await server.register(port)
  await server.speak('POST', '/ticket/ticket-6/run/send', 'It is broken')
  const [, signal] = await once(first, 'exit')
  assert.equal(signal, 'SIGKILL')
  const second = await start()
  assert.equal(await server.speak('GET', '/restate/workflow/ticket/ticket-6/attach'), 'You get $30 back.')
  assert.deepEqual(readFileSync(log, 'utf8').trim().split('\n'), ['0', '1', '1'])
  second.kill()
  await once(second, 'exit')
  rmSync(folder, { recursive: true })
})
