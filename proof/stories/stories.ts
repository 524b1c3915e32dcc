// Runs that stand for all: tools of each effect, and all that a team and a workflow can do. Both proofs run them.
import type { AnyDefinition } from '@reprise/core'
import { asker, booker, desk, hopeful, juggler, mailer, payer, petitioner, poster, reader, superior } from './agents.ts'
import { callsAt, type Story } from './story.ts'
import { widerDefinitions, widerStories } from './wider-stories.ts'
import { batch, counter, hanger, parent, racer, reminder, shift, sleeper, waiter } from './workflows.ts'

const payerPays = ['pay a /agent:0/turn:0/call:0', 'pay b /agent:0/turn:1/call:0', 'pay c /agent:0/turn:1/call:1']
const hopefulPays = ['0 1 pay b', '0 2 pay c', '1 0 pay d']
const sleeperPays = ['pay a /step:a', 'pay b /step:b']

function within(path: string, lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.replace(' /', ` ${path}/`))
}

/** The stories by name. */
export const stories: Readonly<Record<string, Story>> = {
  read: { definition: reader, input: 'go', ends: { reader: { must: [] } } },
  idempotent: { definition: payer, input: 'go', ends: { payer: { must: payerPays } } },
  retried: { definition: payer, input: 'go', failures: 2, ends: { payer: { must: payerPays } } },
  retriedStep: { definition: sleeper, input: '', failures: 2, ends: { slept: { must: sleeperPays } } },
  transactional: {
    definition: booker,
    input: 'go',
    ends: { booker: { must: callsAt('0 0 book a', '1 0 book b', '1 1 book c') } },
  },
  once: {
    definition: mailer,
    input: 'go',
    ends: { mailer: { must: callsAt('0 0 mail a', '1 0 mail b', '1 1 mail c') } },
  },
  reconciled: {
    definition: poster,
    input: 'go',
    ends: { poster: { must: callsAt('0 0 post a', '1 0 post b', '1 1 post c') } },
  },
  parallel: {
    definition: juggler,
    input: 'go',
    ends: {
      juggler: {
        must: callsAt('0 0 pay a', '0 2 book a', '0 3 post a', '0 4 mail a', '0 5 book b', '1 0 pay b'),
      },
    },
  },
  handoff: { definition: desk, input: 'go', ends: { back: { must: ['pay a /agent:1/turn:0/call:0'] } } },
  approval: {
    definition: petitioner,
    input: 'go',
    ends: { petitioner: { must: callsAt('0 0 pay a', '0 1 pay b') } },
  },
  approvalInTime: {
    definition: hopeful,
    input: 'go',
    hears: 'word',
    ends: {
      hopeful: { must: callsAt('0 0 pay a', ...hopefulPays) },
      'hopeful, unheard': { must: callsAt(...hopefulPays) },
      'hopeful, refused': { must: callsAt(...hopefulPays) },
    },
  },
  agentTool: {
    definition: asker,
    input: 'go',
    ends: { asker: { must: [...within('/agent:0/turn:0/call:0', payerPays), ...callsAt('0 1 pay b')] } },
  },
  agentToolApproval: {
    definition: superior,
    input: 'go',
    ends: {
      superior: {
        must: [...within('/agent:0/turn:0/call:0', callsAt('0 0 pay a', '0 1 pay b')), ...callsAt('0 1 pay b')],
      },
    },
  },
  timer: { definition: sleeper, input: '', ends: { slept: { must: sleeperPays } } },
  signal: {
    definition: waiter,
    input: '',
    hears: 'go',
    ends: { came: { must: ['pay came /step:came'] }, late: { must: ['pay late /step:late'] } },
  },
  reminders: {
    definition: reminder,
    input: '',
    hears: 'go',
    ends: {
      'came, pay came': { must: ['pay came /step:came'], may: ['pay 1 /step:1', 'pay 2 /step:2'] },
      late: { must: ['pay 1 /step:1', 'pay 2 /step:2', 'pay 3 /step:3'] },
    },
  },
  child: {
    definition: parent,
    input: '',
    ends: {
      'payer, pay c': {
        must: [
          ...within('/child:sleeper', sleeperPays),
          ...within('/all/branch:0/agent:payer', payerPays),
          'pay c /all/branch:1/step:c',
        ],
      },
    },
  },
  map: {
    definition: batch,
    input: '',
    ends: {
      'pay a, pay b, booker, pay d, pay e': {
        must: [
          ...['a 0', 'b 1', 'd 3', 'e 4'].map((item) => `pay ${item[0]} /map/item:${item[2]}/step:${item[0]}`),
          ...within('/map/item:2/agent:booker', callsAt('0 0 book a', '1 0 book b', '1 1 book c')),
        ],
      },
    },
  },
  race: {
    definition: racer,
    input: '',
    hears: 'go',
    ends: {
      slow: { must: ['pay a /race/branch:0/step:a'] },
      came: { must: [], may: ['pay a /race/branch:0/step:a'] },
      // Where a clock jumps.
      never: { must: [], may: ['pay a /race/branch:0/step:a'] },
    },
  },
  continued: {
    definition: counter,
    input: '',
    ends: { counted: { must: ['', '~2', '~3', '~4'].map((round) => `pay n ${round}/step:n`) } },
  },
}

/** All stories by name, those that meet what is rare as well. */
export const allStories: Readonly<Record<string, Story>> = { ...stories, ...widerStories }

/** All definitions of the stories. */
export const definitions: readonly AnyDefinition[] = [
  ...widerDefinitions,
  reader,
  payer,
  booker,
  mailer,
  poster,
  juggler,
  petitioner,
  hopeful,
  desk,
  asker,
  superior,
  shift,
  sleeper,
  waiter,
  reminder,
  parent,
  batch,
  racer,
  hanger,
  counter,
]
