// What a program without types gives, or leaves away: it is told what that was, what was expected, and what to do.
import { memoryStore, scriptedModel } from '@reprise/testing'
import { examine, restore, sqlite } from '@reprise/store'
import { beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { agentTool } from '../src/define/agent-tool.ts'
import { defineAgent } from '../src/define/agent.ts'
import { after, atMost } from '../src/define/rules.ts'
import { defineSignal } from '../src/define/signal.ts'
import { defineTeam } from '../src/define/team.ts'
import { defineTool } from '../src/define/tool.ts'
import { defineWorkflow } from '../src/define/workflow.ts'
import { createRuntime } from '../src/runtime/create-runtime.ts'

/** What can be called, as a program without types sees it. */
type Untyped = (...args: unknown[]) => unknown

const agent = defineAgent({ name: 'a', model: 'm', instructions: '' })
const word = defineSignal({ name: 'word', payload: z.string() })
const flow = defineWorkflow({ name: 'flow', input: z.object({}), run: (ctx) => ctx.receive(word) })

function open() {
  return createRuntime({ store: memoryStore(), models: scriptedModel([]), definitions: [agent, flow] })
}

let runtime: ReturnType<typeof open>
beforeEach(async () => {
  runtime = open()
  await (await runtime.start(flow, {}, { id: 'w' })).outcome()
})

function of(method: keyof typeof runtime): Untyped {
  return (...args) => (runtime[method] as Untyped).apply(runtime, args)
}

function ofRuns(method: 'list' | 'get' | 'entries' | 'newest'): Untyped {
  return (...args) => (runtime.runs[method] as Untyped).apply(runtime.runs, args)
}

const id = 'The id of a run was given: nothing. Give the text that start or enqueue gave.'
const tool = 'Give it what defineTool or agentTool gave.'
const definition = 'Give one of those that createRuntime was given, and then what the run is to begin with.'
const happened = 'Give it { happened: true, result } or { happened: false }.'
const lists = 'Give it a list of what defineAgent, defineTeam and defineWorkflow gave.'

/** Each call, by how it is written, and what is said of it. */
const CASES: readonly (readonly [call: string, fn: () => unknown, message: string])[] = [
  [
    'gc()',
    () => of('gc')(),
    'runtime.gc was given options: nothing. Give it { olderThanMs }, with how long ago runs must have ended to be deleted, in milliseconds.',
  ],
  ['gc({})', () => of('gc')({}), 'gc has olderThanMs undefined. It must be 0 milliseconds or more, and finite.'],
  [
    'gc(statuses)',
    () => of('gc')({ olderThanMs: 1, statuses: 'failed' }),
    'runtime.gc was given statuses: "failed". Give it a list of some of: completed, failed, cancelled.',
  ],
  [
    'erase()',
    () => of('erase')('w'),
    'erase was given by undefined. It must be text of whole characters: no U+0000, and no half of a surrogate pair, as a cut through an emoji leaves.',
  ],
  ['resume()', () => of('resume')(), id],
  [
    'resume({})',
    () => of('resume')({}),
    'The id of a run was given: an object. Give the text that start or enqueue gave.',
  ],
  ['replay()', () => of('replay')(), id],
  ['cancel()', () => of('cancel')(), id],
  [
    'fork()',
    () => of('fork')(),
    "runtime.fork was given options: nothing. Give it { at }, with how many of the run's entries the fork begins with.",
  ],
  [
    'rewind(run)',
    () => of('rewind')('w'),
    'runtime.rewind was given options: nothing. Give it { from, to, by }: two runs, and who wants it.',
  ],
  [
    'rewind(run, by nobody)',
    () => of('rewind')('w', { from: 'w', to: 'w' }),
    'rewind was given by undefined. It must be text of whole characters: no U+0000, and no half of a surrogate pair, as a cut through an emoji leaves.',
  ],
  ['diff()', () => of('diff')(), id],
  ['fork(undefined, at)', () => of('fork')(undefined, { at: 1 }), id],
  ['send()', () => of('send')(), 'runtime.send was given signal: nothing. Give it what defineSignal gave.'],
  [
    'send(run)',
    () => of('send')('w', 'word', 'x'),
    'runtime.send was given signal: "word". Give it what defineSignal gave.',
  ],
  [
    'send({ create })',
    () => of('send')('new', word, 'x', { create: null }),
    'runtime.send was given create: null. Give it { workflow, input }, and what enqueue takes.',
  ],
  [
    'send(options)',
    () => of('send')('w', word, 'x', null),
    'runtime.send was given options: null. Give it { id, create, early, tx }, or nothing.',
  ],
  ['start()', () => of('start')(), `The definition of a run was given: nothing. ${definition}`],
  ['start(name)', () => of('start')('a', 'x'), `The definition of a run was given: "a". ${definition}`],
  [
    'start(signal)',
    () => of('start')(word, 'x'),
    `The definition of a run was given: an object of the kind "signal". ${definition}`,
  ],
  [
    'start(agent)',
    () => of('start')(agent),
    'agent "a" takes text, and was given nothing. Give a string, or { text, parts } with pictures and files; put facts that only tools need into the context.',
  ],
  [
    'start(agent, text, { signal })',
    () => of('start')(agent, 'x', { signal: 5 }),
    'runtime.start was given signal: the number 5. Give it an AbortSignal.',
  ],
  ['enqueue()', () => of('enqueue')(), `The definition of a run was given: nothing. ${definition}`],
  ['work(null)', () => of('work')(null), 'runtime.work was given options: null. Give it { concurrency }, or nothing.'],
  [
    'resolve(run)',
    () => of('resolve')('w'),
    'runtime.settleDoubt was given id undefined. It must be text of whole characters: no U+0000, and no half of a surrogate pair, as a cut through an emoji leaves.',
  ],
  ['resolve(run, id)', () => of('resolve')('w', 'k'), `runtime.settleDoubt was given resolution: nothing. ${happened}`],
  [
    'resolve(run, id, {})',
    () => of('resolve')('w', 'k', {}),
    `runtime.settleDoubt was given happened: nothing. ${happened}`,
  ],
  [
    'approve(run, id)',
    () => of('approve')('w', 'k'),
    'approve was given by undefined. It must be text of whole characters: no U+0000, and no half of a surrogate pair, as a cut through an emoji leaves.',
  ],
  [
    'unquarantine(run)',
    () => of('unquarantine')('w'),
    'unquarantine was given by undefined. It must be text of whole characters: no U+0000, and no half of a surrogate pair, as a cut through an emoji leaves.',
  ],
  [
    'backup()',
    () => of('backup')(),
    'runtime.backup was given path undefined. It must be text of whole characters: no U+0000, and no half of a surrogate pair, as a cut through an emoji leaves.',
  ],
  [
    'runs.list(null)',
    () => ofRuns('list')(null),
    'runs.list was given filter: null. Give it { status, name, tag, tenant, user, parentId, forkOf, sessionId, createdFrom, createdBefore, order, after, limit }, or nothing.',
  ],
  [
    'runs.list({ tag })',
    () => ofRuns('list')({ tag: {} }),
    'runs.list was given tag [object Object]. It must be text of whole characters: no U+0000, and no half of a surrogate pair, as a cut through an emoji leaves.',
  ],
  ['runs.get()', () => ofRuns('get')(), id],
  ['runs.newest()', () => ofRuns('newest')(), id],
  [
    'runs.entries(7)',
    () => ofRuns('entries')(7),
    'The id of a run was given: the number 7. Give the text that start or enqueue gave.',
  ],
  [
    'runs.entries(run, 3)',
    () => ofRuns('entries')('w', 3),
    'runs.entries was given options: the number 3. Give it { from, reader }, or nothing.',
  ],
  [
    'runs.entries(run, { from: -1 })',
    () => ofRuns('entries')('w', { from: -1 }),
    'runs.entries was given from: the number -1. Give it the seq of an entry: a whole number of 0 or more.',
  ],
  [
    'createRuntime()',
    () => (createRuntime as Untyped)(),
    'createRuntime was given options: nothing. Give it { store, models, definitions }.',
  ],
  [
    'createRuntime({})',
    () => (createRuntime as Untyped)({}),
    'createRuntime was given store: nothing. Give it a store, such as sqlite(path).',
  ],
  [
    'createRuntime({ store })',
    () => (createRuntime as Untyped)({ store: memoryStore() }),
    "createRuntime was given models: nothing. Give it a model, such as openai(), or models by the names that agents ask for, such as { 'gpt-*': openai() }.",
  ],
  [
    'createRuntime({ store, models })',
    () => (createRuntime as Untyped)({ store: memoryStore(), models: scriptedModel([]) }),
    `createRuntime was given definitions: nothing. ${lists}`,
  ],
  [
    'createRuntime({ definitions })',
    () => (createRuntime as Untyped)({ store: memoryStore(), models: scriptedModel([]), definitions: [agent, 'b'] }),
    `createRuntime was given definitions[1]: "b". ${lists}`,
  ],
  [
    'defineAgent({ tools: [undefined] })',
    () => (defineAgent as Untyped)({ name: 'a', model: 'm', instructions: '', tools: [undefined] }),
    'Agent "a": tools[0]: nothing. Give it tools that defineTool or agentTool made: is one used before it is defined, or its import misspelt?',
  ],
  [
    'defineAgent({ rules })',
    () => (defineAgent as Untyped)({ name: 'a', model: 'm', instructions: '', rules: {} }),
    'Agent "a": rules: an object. It is to be a list. Give it rules that after, atMost and the like made.',
  ],
  [
    'defineAgent({ hosted })',
    () => (defineAgent as Untyped)({ name: 'a', model: 'm', instructions: '', hosted: ['web-search'] }),
    'Agent "a": hosted[0]: "web-search". Give it hosted tools, each with its kind: web-search, file-search, code-interpreter, mcp.',
  ],
  [
    'defineTeam({ handoffs: [[agent, []]] })',
    () => defineTeam({ name: 't', entry: agent, handoffs: [[agent, []]] }),
    'Team "t": handoffs[0][1]: a list. It lists nobody: name at least one agent there, or leave the pair out.',
  ],
  [
    'defineTeam({ handoffs: [agent] })',
    () => (defineTeam as Untyped)({ name: 't', entry: agent, handoffs: [agent] }),
    'Team "t": handoffs[0]: an object of the kind "agent". Give it pairs of an agent and a list of agents: [[triage, [orders, returns]]].',
  ],
  [
    'runtime.start(agent, "")',
    () => runtime.start(agent, ''),
    'agent "a" was given "", which says nothing. Give it what the user says, or pictures and files.',
  ],
  [
    'defineAgent()',
    () => (defineAgent as Untyped)(),
    'defineAgent was given options: nothing. Give it { name, model, instructions }.',
  ],
  [
    'defineTool()',
    () => (defineTool as Untyped)(),
    'defineTool was given options: nothing. Give it { name, description, input, effect, execute }.',
  ],
  [
    'defineTeam()',
    () => (defineTeam as Untyped)(),
    'defineTeam was given options: nothing. Give it { name, entry, handoffs }.',
  ],
  [
    'defineWorkflow()',
    () => (defineWorkflow as Untyped)(),
    'defineWorkflow was given options: nothing. Give it { name, input, run }.',
  ],
  [
    'defineSignal()',
    () => (defineSignal as Untyped)(),
    'defineSignal was given options: nothing. Give it { name, payload }, with a schema as the payload.',
  ],
  [
    'defineSignal({ name })',
    () => (defineSignal as Untyped)({ name: 's' }),
    'Signal "s" was given payload: nothing. Give it a schema, such as z.object({ ... }).',
  ],
  [
    'agentTool()',
    () => (agentTool as Untyped)(),
    'agentTool was given definition: nothing. Give it what defineAgent or defineTeam gave, and { name, description }.',
  ],
  [
    'agentTool(agent)',
    () => (agentTool as Untyped)(agent),
    'agentTool was given options: nothing. Give it what defineAgent or defineTeam gave, and { name, description }.',
  ],
  ['after()', () => (after as Untyped)(), `after was given tool: nothing. ${tool}`],
  ['atMost("x")', () => (atMost as Untyped)('x', 1), `atMost was given tool: "x". ${tool}`],
  ['sqlite()', () => (sqlite as Untyped)(), 'sqlite was given as a path: nothing. Give the path of a file as text.'],
  [
    'sqlite(path, null)',
    () => (sqlite as Untyped)(':memory:', null),
    'sqlite was given options null. Give it { durability, encryption }, or nothing: durability is "power" or "process".',
  ],
  [
    'sqlite(path, { durability })',
    () => (sqlite as Untyped)(':memory:', { durability: 'full' }),
    'sqlite was given durability "full". Give it { durability, encryption }, or nothing: durability is "power" or "process".',
  ],
  ['restore()', () => (restore as Untyped)(), 'restore was given as a path: nothing. Give the path of a file as text.'],
  ['examine()', () => (examine as Untyped)(), 'examine was given as a path: nothing. Give the path of a file as text.'],
]

test.each(CASES)('%s is told what it was given, and what to give', async (_, call, message) => {
  await expect((async () => call())()).rejects.toMatchObject({ name: 'DefinitionError', message })
  await runtime.close()
})
