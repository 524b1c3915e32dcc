// Restate's server, as its npm package brings it, on free ports of this machine and in a folder of its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer as createHttp2Server } from 'node:http2'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout } from 'node:timers/promises'
import { createEndpointHandler } from '@restatedev/restate-sdk'

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/** Serves handlers to this machine alone. */
export async function serve(service, port) {
  const server = createHttp2Server(createEndpointHandler({ services: [service], logger: () => undefined }))
  const sessions = new Set()
  server.on('session', (session) => sessions.add(session))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    [Symbol.dispose]() {
      for (const session of sessions) session.destroy()
      server.close()
    },
  }
}

/** Starts a server, and says how to speak to it. */
export async function startRestate() {
  const folder = mkdtempSync(join(tmpdir(), 'reprise-restate-'))
  const [ingress, admin, node] = [await freePort(), await freePort(), await freePort()]
  const platform = `@restatedev/restate-server-${process.platform}-${process.arch}`
  const binary = fileURLToPath(import.meta.resolve(`${platform}/bin/restate-server`))
  const options = { '--listen-mode': 'tcp', '--bind-ip': '127.0.0.1', '--bind-port': node, '--base-dir': folder }
  const child = spawn(binary, ['--no-logo', ...Object.entries(options).flat().map(String)], {
    cwd: folder,
    env: {
      ...process.env,
      DO_NOT_TRACK: '1',
      RESTATE_DISABLE_TELEMETRY: 'true',
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
      // A minute, if it is not said: nobody waits for that here.
      RESTATE_WORKER__INVOKER__INACTIVITY_TIMEOUT: '1s',
      RESTATE_DEFAULT_NUM_PARTITIONS: '1',
      RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE: '64MB',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (said) => (log += said))
  const gone = once(child, 'exit')
  const ask = (port) => async (method, path, body) => {
    const headers = { 'content-type': 'application/json', accept: 'application/json' }
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, body: JSON.stringify(body) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
  const [speak, manage] = [ask(ingress), ask(admin)]
  while (
    !(await manage('GET', '/health').then(
      () => true,
      () => false,
    ))
  ) {
    if (child.exitCode !== null) throw new Error(`Restate's server did not start.\n${log}`)
    await setTimeout(100)
  }
  return {
    speak,
    manage,
    register: (port) => manage('POST', '/deployments', { uri: `http://127.0.0.1:${port}`, force: true }),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await gone
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
