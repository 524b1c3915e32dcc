// Loads packages as the one file that bundled-packages.ts has made of each, wherever a process asks for one of them.
// Plain CommonJS, since every process of a test run loads it first: a module would cost each ten milliseconds.
const { registerHooks } = require('node:module')
const { pathToFileURL } = require('node:url')

/** Of each package its name, its entry, and the file in its place. */
const bundled = JSON.parse(process.env.REPRISE_BUNDLED ?? '[]')

if (bundled.length > 0) {
  const names = new Map()
  const entries = new Map()
  for (const [name, entry, file] of bundled) {
    const { href } = pathToFileURL(file)
    entries.set(pathToFileURL(entry).href, href)
    if (name.startsWith('@reprise/')) names.set(name, href)
  }
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const known = names.get(specifier) ?? entries.get(specifier)
      if (known !== undefined) return { url: known, format: 'module', shortCircuit: true }
      const found = nextResolve(specifier, context)
      // There may be another version of a library where it is asked for: it is known by where it is.
      const url = specifier === 'zod' ? entries.get(found.url) : undefined
      return url === undefined ? found : { ...found, url, format: 'module' }
    },
  })
}
