import type Database from 'better-sqlite3'

/** better-sqlite3's class of databases. */
export type DatabaseConstructor = typeof Database

/** A database of better-sqlite3. */
export type SqliteDatabase = Database.Database

/** A statement of better-sqlite3, prepared. */
export type SqliteStatement<Bound extends unknown[], Result> = Database.Statement<Bound, Result>
