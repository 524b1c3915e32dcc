// The files of docs/deploy: what they start is this service, what they set it reads, what they ask it answers, and they wait
// for as long as it takes to end.
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { DRAIN_MS } from './settings.ts'
import { type Service, startService } from './start-service.fixture.ts'

const deploy = join(import.meta.dirname, '..', '..', 'docs', 'deploy')
const read = (path: string): string => readFileSync(join(deploy, path), 'utf8')

const started: Service[] = []
afterEach(() => {
  for (const { process } of started.splice(0)) process.kill('SIGKILL')
})

/** What one of the files has the service run with. */
interface Deployment {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** What is asked of it, each at a port. */
  readonly probes: readonly { readonly port: string; readonly path: string }[]
  readonly graceMs: number
}

function ofCompose(): Deployment {
  const { services } = parse(read('compose/compose.yml')) as {
    services: { worker: Record<'environment', Record<string, string>> & Record<string, unknown> }
  }
  const { worker } = services
  const [, command = ''] = /^CMD (\[.*\])$/m.exec(read('compose/Dockerfile')) ?? []
  const [, url = ''] = /fetch\('(.*?)'\)/.exec(JSON.stringify(worker['healthcheck'])) ?? []
  const { port, pathname } = new URL(url)
  expect(read('compose/Dockerfile')).toContain(`\nEXPOSE ${port}\n`)
  expect(worker['ports']).toEqual([`127.0.0.1:${port}:${port}`])
  return {
    command: JSON.parse(command) as string[],
    env: { ...worker.environment, REPRISE_KEY: '' },
    probes: [{ port, path: pathname }],
    graceMs: seconds(String(worker['stop_grace_period']).replace(/s$/, '')),
  }
}

function ofSystemd(): Deployment {
  const lines = read('systemd/worker-service.service').split('\n')
  const all = (key: string): string[] =>
    lines.flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []))
  expect(all('KillSignal')).toEqual(['SIGTERM'])
  const env = Object.fromEntries(all('Environment').map((pair) => pair.split('=') as [string, string]))
  const [, port = ''] = /localhost:(\d+)\//.exec(read('systemd/README.md')) ?? []
  const [program = '', script = ''] = all('ExecStart')[0]?.split(' ') ?? []
  expect(script.startsWith(`${all('WorkingDirectory')[0]}/`)).toBe(true)
  return {
    command: [program.split('/').at(-1) ?? '', script.split('/').at(-1) ?? ''],
    env,
    probes: [{ port, path: '/readyz' }],
    graceMs: seconds(all('TimeoutStopSec')[0] ?? ''),
  }
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string }
}

interface Container {
  readonly command: readonly string[]
  readonly env: readonly { readonly name: string; readonly value?: string }[]
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
  readonly startupProbe: Probe
  readonly livenessProbe: Probe
  readonly readinessProbe: Probe
}

interface PodSpec {
  readonly terminationGracePeriodSeconds: number
  readonly containers: readonly [Container]
}

function ofKubernetes(): Deployment {
  const documents = parseAllDocuments(read('kubernetes/worker.yaml'))
  expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([])
  const [service, set] = documents.map((document) => document.toJS() as Record<string, unknown>)
  expect([service?.['kind'], set?.['kind']]).toEqual(['Service', 'StatefulSet'])
  const { template } = (set ?? {})['spec'] as {
    template: { metadata: { annotations: Record<string, string> }; spec: PodSpec }
  }
  const { spec, metadata } = template
  const [container] = spec.containers
  const portOf = (name: string): string =>
    String(container.ports.find((port) => port.name === name)?.containerPort ?? name)
  const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe].map(({ httpGet }) => ({
    port: portOf(httpGet.port),
    path: httpGet.path,
  }))
  const { annotations } = metadata
  const scraped = { port: annotations['prometheus.io/port'] ?? '', path: annotations['prometheus.io/path'] ?? '' }
  return {
    command: container.command,
    env: Object.fromEntries(container.env.map(({ name, value = '' }) => [name, value])),
    probes: [...probes, scraped],
    graceMs: seconds(String(spec.terminationGracePeriodSeconds)),
  }
}

function seconds(text: string): number {
  return Number(text) * 1_000
}

it.each([
  ['compose', ofCompose],
  ['systemd', ofSystemd],
  ['kubernetes', ofKubernetes],
])('what the files of %s say holds of the service', async (_name, of) => {
  const { command, env, probes, graceMs } = of()
  expect(command[0]).toBe('node')
  expect(existsSync(join(import.meta.dirname, command[1] ?? ''))).toBe(true)
  const known = new Set(
    [...readFileSync(join(import.meta.dirname, 'settings.ts'), 'utf8').matchAll(/env\['(\w+)'\]/g)].map(
      ([, name]) => name,
    ),
  )
  expect(Object.keys(env).filter((name) => !known.has(name))).toEqual([])
  expect(graceMs).toBeGreaterThan(DRAIN_MS)
  expect(probes.every(({ port }) => port === env['PORT'])).toBe(true)

  // Its paths and its port are this machine's; all else is as the file says.
  const folder = mkdtempSync(join(tmpdir(), 'deploy-'))
  const own = ['PORT', 'HOST', 'REPRISE_STORE', 'CARRIER']
  const service = await startService(
    folder,
    Object.fromEntries(Object.entries(env).filter(([name]) => !own.includes(name))),
  )
  started.push(service)
  for (const { path } of probes) expect([path, (await service.get(path)).status]).toEqual([path, 200])
  expect(await service.ship('1')).toBe(true)
  service.process.kill('SIGTERM')
  expect(await service.ended).toEqual([0, null])
})

it('the alerts name metrics and labels that the service tells, and say what to do', async () => {
  const { groups } = parse(read('prometheus/alerts.yml')) as {
    groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[]
  }
  const service = await startService(mkdtempSync(join(tmpdir(), 'deploy-')), { CARRIER_MS: '60000' })
  started.push(service)
  await service.ship('1')
  const samples = (await service.get('/metrics')).text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  const names = new Set(samples.map((line) => /^\w+/.exec(line)?.[0]))
  const rules = groups.flatMap((group) => group.rules)
  expect(rules).toHaveLength(7)
  for (const { alert, expr, annotations } of rules) {
    expect([alert, Object.keys(annotations)]).toEqual([alert, ['summary', 'description']])
    const used = expr.match(/reprise_\w+/g) ?? []
    expect([alert, used.length, used.filter((name) => !names.has(name))]).toEqual([alert, 1, []])
    const [, selector = ''] = /\{(.*?)\}/.exec(expr) ?? []
    expect([alert, samples.some((line) => line.startsWith(used[0] ?? '') && line.includes(selector))]).toEqual([
      alert,
      true,
    ])
    const [, labels = ''] = /by \((.*?)\)/.exec(expr) ?? []
    for (const label of labels.split(', ').filter(Boolean))
      expect([alert, samples.some((line) => line.startsWith(used[0] ?? '') && line.includes(`${label}="`))]).toEqual([
        alert,
        true,
      ])
  }
})
