// A queue by hand: one table, from which a worker takes as many as it has room for in one statement, and marks those that
// are done in the same commit. The messages of a run are written as the floor of the other workloads writes them, in the
// same file, all of an event-loop turn in one commit.
import { dirname } from 'node:path'
import Sqlite from 'better-sqlite3'
import { create } from '../contenders/floor.ts'
import { type Queue, smallWorld } from './queue.ts'

/** How long a worker rests that found nothing. */
const PAUSE_MS = 20

export const queue: Queue = {
  async seed(file, runs) {
    const db = open(file)
    db.exec('create table queue (id integer primary key, worker integer, done integer not null default 0)')
    db.exec('create index waiting on queue (id) where worker is null')
    const insert = db.prepare('insert into queue (id) values (?)')
    db.transaction(() => {
      for (let id = 1; id <= runs; id++) insert.run(id)
    })()
    db.close()
  },
  async work(file, concurrency) {
    const contender = await create({
      world: smallWorld(),
      dir: dirname(file),
      durable: true,
      variant: 'full-group',
    })
    const db = open(file)
    const claim = db
      .prepare<[number, number], number>(
        'update queue set worker = ? where id in (select id from queue where worker is null limit ?) returning id',
      )
      .pluck()
    const end = db.prepare<[number]>('update queue set done = 1 where id = ?')
    const ended: number[] = []
    const turn = db.transaction((room: number): number[] => {
      for (const id of ended.splice(0)) end.run(id)
      return room > 0 ? claim.all(process.pid, room) : []
    })
    let stopped = false
    let going = 0
    const working = (async () => {
      while (!stopped || going > 0 || ended.length > 0) {
        const taken = turn.immediate(stopped ? 0 : concurrency - going)
        going += taken.length
        for (const id of taken)
          void contender.run(`r${id}`).then(() => {
            going--
            ended.push(id)
          })
        await new Promise((resolve) => (going > 0 ? setImmediate(resolve) : setTimeout(resolve, PAUSE_MS)))
        while (going > 0 && ended.length === 0) await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    return {
      stop: async () => {
        stopped = true
        await working
        db.close()
        await contender.close()
      },
    }
  },
  left: 'select count(*) from queue where done = 0',
}

function open(file: string): Sqlite.Database {
  const db = new Sqlite(file, { timeout: 10_000 })
  db.pragma('page_size = 8192')
  db.pragma('journal_mode = wal')
  db.pragma('synchronous = full')
  return db
}
