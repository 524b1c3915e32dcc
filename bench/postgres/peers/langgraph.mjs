// LangGraph's prebuilt agent over its Postgres saver, which keeps a checkpoint before it goes on, as a side of w15.
// usage: node langgraph.mjs ANSWER URL WORLD
import { pathToFileURL } from 'node:url'
import { BaseChatModel } from '@langchain/core/language_models/chat_models'
import { AIMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres'
import { createReactAgent } from '@langchain/langgraph/prebuilt'
import { z } from 'zod'

const [, , help, url, options] = process.argv
const { answer, TimedWorld } = await import(pathToFileURL(help).href)

class Scripted extends BaseChatModel {
  world

  constructor(world) {
    super({})
    this.world = world
  }

  _llmType() {
    return 'scripted'
  }

  bindTools() {
    return this
  }

  async _generate(messages) {
    const last = messages.at(-1)
    const user = messages.find((message) => message.getType() === 'human')
    const id = last.getType() === 'tool' ? last.tool_call_id : null
    const { calls = [], text = '' } = await this.world.model(id, String(user.content).slice('run:'.length))
    const tool_calls = calls.map((call) => ({ ...call, type: 'tool_call' }))
    return { generations: [{ message: new AIMessage({ content: text, tool_calls }), text }] }
  }
}

await answer(new TimedWorld(JSON.parse(options)), async (world) => {
  const checkpointer = PostgresSaver.fromConnString(url)
  await checkpointer.setup()
  const tools = world.tools(z).map(({ execute, ...rest }) => tool((args) => execute(args), rest))
  const llm = new Scripted(world)
  const agent = createReactAgent({ llm, tools, prompt: 'Use the tools.', checkpointSaver: checkpointer })
  return {
    async run(runId) {
      const input = { messages: [{ role: 'user', content: `run:${runId}` }] }
      const config = { configurable: { thread_id: runId }, durability: 'sync', recursionLimit: 4 * world.n + 50 }
      return (await agent.invoke(input, config)).messages.at(-1).content
    },
    close: () => checkpointer.end(),
  }
})
