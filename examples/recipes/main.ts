// Plays the recipes that are named, or all. usage: npm run demo:recipes -- [NAME...]
import { recipes } from './recipes.ts'

const names = process.argv.slice(2)
const unknown = names.filter((name) => !recipes.has(name))
if (unknown.length > 0) {
  console.error(`There is no recipe ${unknown.join(', ')}. There are: ${[...recipes.keys()].join(', ')}.`)
  process.exitCode = 2
} else
  for (const [name, play] of recipes) {
    if (names.length > 0 && !names.includes(name)) continue
    console.log(name)
    await play((line) => console.log(line))
  }
