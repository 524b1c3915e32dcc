// The service as a platform runs it: started, told to end, killed, and started again, for real.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRuntime, type QueueStats, type RunRow } from '@reprise/core'
import { openai } from '@reprise/openai'
import { sqlite } from '@reprise/store'
import { afterEach, expect, it } from 'vitest'
import { carrierOf, type Service, startService, until } from './start-service.fixture.ts'

const started: Service[] = []
afterEach(() => {
  for (const { process } of started.splice(0)) process.kill('SIGKILL')
})

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'worker-service-'))

async function start(folder: string, env: Readonly<Record<string, string>> = {}): Promise<Service> {
  const service = await startService(folder, env)
  started.push(service)
  return service
}

async function queueOf({ get }: Service): Promise<QueueStats> {
  return JSON.parse((await get('/queue')).text) as QueueStats
}

/** Waits until a service has nothing left to do. */
async function allDone(service: Service): Promise<void> {
  await until(async () => {
    const { depth, running, delayed } = await queueOf(service)
    return depth + running + delayed === 0
  })
}

/** The runs as they are stored, once nobody works on them. */
async function rowsOf(folder: string): Promise<readonly RunRow[]> {
  await using runtime = createRuntime({ store: sqlite(join(folder, 'runs.db')), models: openai(), definitions: [] })
  return runtime.runs.list({ limit: 1_000 })
}

const orders = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, index) => `${from + index}`)

it('that is killed in the middle and started again ships every order once', { tags: 'slow' }, async () => {
  const folder = newFolder()
  const first = await start(folder, { CARRIER_MS: '500' })
  await Promise.all(orders(0, 30).map((order) => first.ship(order)))
  await until(() => carrierOf(folder).booked.length >= 20)
  first.process.kill('SIGKILL')
  expect(await first.ended).toEqual([null, 'SIGKILL'])
  expect(carrierOf(folder).booked.length).toBeLessThan(90)

  const second = await start(folder)
  await allDone(second)
  const { booked, asked } = carrierOf(folder)
  expect(booked.toSorted()).toEqual([
    ...orders(0, 30).flatMap(() => ['insure']),
    ...orders(0, 30).flatMap(() => ['label']),
    ...orders(0, 30).flatMap(() => ['pack']),
  ])
  // Asked for again, under its key, is at most what the killed process had under way.
  expect([...asked.values()].filter((times) => times > 1).length).toBeLessThanOrEqual(10)
  second.process.kill('SIGTERM')
  expect(await second.ended).toEqual([0, null])
  expect((await rowsOf(folder)).map(({ status, owner }) => [status, owner])).toEqual(
    orders(0, 30).map(() => ['completed', null]),
  )
})

it('that is told to end is not ready from then on, ends what is under way, gives the rest back, and exits with 0', async () => {
  const folder = newFolder()
  const service = await start(folder, { CARRIER_MS: '4000', CONCURRENCY: '2' })
  expect([(await service.get('/livez')).status, (await service.get('/readyz')).status]).toEqual([200, 200])
  for (const order of orders(0, 4)) expect(await service.ship(order)).toBe(true)
  await until(() => carrierOf(folder).asked.size === 2)
  service.process.kill('SIGTERM')
  await until(() => service.said().includes('Draining'))
  const ready = await service.get('/readyz')
  expect([ready.status, JSON.parse(ready.text)]).toMatchObject([
    503,
    { live: true, ready: false, problems: ['Worker 1 is stopping.'] },
  ])
  expect((await service.get('/livez')).status).toBe(200)
  expect((await service.get('/metrics')).text).toContain('\nreprise_process_ready 0\n')
  expect(await service.ended).toEqual([0, null])
  expect(service.said()).toMatch(/Drained\.\n$/)

  const rows = await rowsOf(folder)
  expect(rows.map(({ status, owner }) => `${status} ${owner}`)).toEqual([
    'waiting null',
    'waiting null',
    'queued null',
    'queued null',
  ])
  // What was under way when it was told to end is written: nobody asks for it again.
  const next = await start(folder)
  await allDone(next)
  expect([...carrierOf(folder).asked.values()]).toEqual(Array.from({ length: 12 }, () => 1))
})

it('that is told to end twice ends at once, and the next one takes over', { tags: 'slow' }, async () => {
  const folder = newFolder()
  const service = await start(folder, { CARRIER_MS: '60000' })
  await service.ship('1')
  await until(() => carrierOf(folder).asked.size === 1)
  service.process.kill('SIGTERM')
  await until(() => service.said().includes('Draining'))
  service.process.kill('SIGTERM')
  expect(await service.ended).toEqual([1, null])
  const next = await start(folder)
  await allDone(next)
  expect(carrierOf(folder).booked.toSorted()).toEqual(['insure', 'label', 'pack'])
})

it(
  'of two releases side by side, one of them drained and the other killed, ships each order once',
  { tags: 'slow' },
  async () => {
    const folder = newFolder()
    const old = await start(folder, { RELEASE: '1', CONCURRENCY: '4' })
    await Promise.all(orders(0, 12).map((order) => old.ship(order)))
    await until(() => carrierOf(folder).booked.length >= 4)
    const newer = await start(folder, { CONCURRENCY: '4' })
    await Promise.all(orders(12, 24).map((order) => newer.ship(order)))
    old.process.kill('SIGTERM')
    expect(await old.ended).toEqual([0, null])
    await until(() => carrierOf(folder).booked.length >= 30)
    newer.process.kill('SIGKILL')
    await newer.ended

    const last = await start(folder)
    await allDone(last)
    last.process.kill('SIGTERM')
    await last.ended
    const rows = await rowsOf(folder)
    expect(rows.map(({ version, status }) => `${version} ${status}`)).toEqual([
      ...orders(0, 12).map(() => '1 completed'),
      ...orders(12, 24).map(() => '2 completed'),
    ])
    // An order that was left to the second release and is taken by the first, before a step of it is done, goes its way.
    const { booked } = carrierOf(folder)
    const count = (what: string): number => booked.filter((each) => each === what).length
    expect([count('pack'), count('label')]).toEqual([24, 24])
    expect(count('insure')).toBeLessThanOrEqual(12)
  },
)

it.each([
  ['PORT', 'http', 'PORT is "http". Set it to a whole number from 0 to 65535.'],
  [
    'REPRISE_STORE',
    'postgres://db/runs',
    'REPRISE_STORE is a URL. This service keeps its runs in a file: set it to a path, such as /data/runs.db.',
  ],
  ['RETENTION_FAILED', 'a month', 'createRuntime was given retention.failed: "a month".'],
])('that is given a wrong %s says so, and exits with 1', async (name, value, said) => {
  const service = await start(newFolder(), { [name]: value })
  expect(await service.ended).toEqual([1, null])
  expect(service.said()).toContain(said)
})

it('answers what it does not know with 404 and 405', async () => {
  const { get } = await start(newFolder())
  expect([(await get('/orders/1')).status, (await get('/')).status]).toEqual([404, 404])
  expect(JSON.parse((await get('/queue')).text)).toMatchObject({
    depth: 0,
    definitions: [{ kind: 'workflow', name: 'ship', depth: 0 }],
  })
})
