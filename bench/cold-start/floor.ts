// What a program by hand needs to start: zod, and five tools in a map.
import { z } from 'zod'
import { World } from '../world.ts'
import { tellStart } from './tell-start.ts'

const tools = new Map(new World({}).tools(z).map((tool) => [tool.name, tool]))
tellStart(tools.size)
