// One workload in a process of its own: its lines as JSON on stdout. usage: node --expose-gc workload.js NAME [--quick]
import { argv } from 'node:process'
import { workloads } from './workloads/workloads.ts'

const [, , name = '', quick] = argv
const rows = await workloads[name]?.measure({ quick: quick === '--quick' })
console.log(JSON.stringify(rows))
