import type { ScriptedReply } from '@reprise/testing'
import { fakeOpenAI } from '../index.ts'

declare const reply: ScriptedReply

// What a scripted model answers in short, the fake server answers too.
void fakeOpenAI(() => reply)
