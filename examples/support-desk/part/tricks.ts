// What a model of this size gets wrong, as the part plays it. None of it may change what the desk does in the end.
import type { FakeCall, FakeReply } from '@reprise/fake-openai'
import { pick } from './dice.ts'
import type { Holder, Line } from './lines.ts'
import type { Scene } from './scene.ts'

/** Gives a wrong reply, or undefined where the trick does not fit. `roll` decides between ways to do it. */
type Trick = (scene: Scene, next: Line, roll: number) => FakeReply | undefined

const HOLDERS: readonly Holder[] = ['triage', 'orders', 'returns']

/** The tricks by what they do. */
const TRICKS = {
  namesAToolThatIsNotThere: (_, next, roll) =>
    calls({
      name: pick(['lookup', 'issue_refund', 'get_order_details', `${next.name}_v2`], roll),
      arguments: next.arguments,
    }),
  breaksOffItsArguments: (_, next) =>
    calls({ name: next.name, arguments: JSON.stringify(next.arguments).slice(0, -1) }),
  mistypesItsArguments: (_, next) =>
    calls({ name: next.name, arguments: JSON.stringify(Object.values(next.arguments)) }),
  callsTwice: (_, next) => calls(next, next),
  repeatsAnIdInOneReply: (_, next) => calls({ ...next, callId: 'call_1' }, { ...next, callId: 'call_1' }),
  repeatsAnOldId: ({ oldId }, next) => (oldId === undefined ? undefined : calls({ ...next, callId: oldId })),
  callsOutOfOrder: ({ open }, next, roll) => {
    const later = open.slice(1).toReversed()
    return later.length === 0 ? undefined : calls(...later, ...(roll < 0.5 ? [next] : []))
  },
  paysAgain: ({ made }, next, roll) => {
    const again = made.find(({ name }) => name === 'refund_order') ?? made[Math.floor(roll * made.length)]
    return again && calls(again, next)
  },
  asksForTooMuch: (_, next) => {
    const { amountUsd } = next.arguments
    return typeof amountUsd === 'number'
      ? calls({ ...next, arguments: { ...next.arguments, amountUsd: amountUsd * 10 } })
      : undefined
  },
  takesAnotherCustomersOrder: (_, next) =>
    'orderId' in next.arguments
      ? calls({
          ...next,
          arguments: { ...next.arguments, orderId: next.arguments['orderId'] === 'F-1002' ? 'F-1003' : 'F-1002' },
        })
      : undefined,
  handsOverWhereItLikes: ({ tools }) => {
    const transfers = HOLDERS.map((holder) => `transfer_to_${holder}`).filter((name) => tools.has(name))
    return calls(...transfers.map((name) => ({ name })))
  },
  chatsInsteadOfWorking: () => ({ text: 'Let me look into this for you right away.', deltas: 3 }),
} satisfies Record<string, Trick>

/** Doing it twice comes up most: it is what a desk fears most. */
const ALL = [TRICKS.callsTwice, TRICKS.callsTwice, TRICKS.paysAgain, ...Object.values(TRICKS)] as const

/** Gives a wrong reply to a scene in which a call is due. */
export function playTrick(scene: Scene, next: Line, which: number, how: number): FakeReply | undefined {
  return pick(ALL, which)(scene, next, how)
}

/** Gives an answer that is no good. */
export function spoilAnswer(answer: string, roll: number): FakeReply {
  const broken = [
    answer.slice(0, -20),
    answer.replace('"resolution"', '"status"'),
    answer.replace(/"(solved|declined|escalated|needs_customer)"/, '"done"'),
    'All done, have a nice day!',
  ] as const
  return { text: pick(broken, roll), deltas: 4 }
}

function calls(...made: readonly FakeCall[]): FakeReply {
  return {
    calls: made.map(({ name, arguments: args, callId }) => ({
      name,
      arguments: args ?? {},
      ...(callId !== undefined && { callId }),
    })),
  }
}
