// Loads packages as the one file that bundled-packages.ts has made of each, wherever a process asks for one of them.
// Plain CommonJS, since every process of a test run loads it first: a module would cost each ten milliseconds.
const { registerHooks } = require('node:module')
const { pathToFileURL } = require('node:url')

/** Where the file of each package is, by its name. */
const bundled = Object.entries(JSON.parse(process.env.REPRISE_BUNDLED ?? '{}'))

if (bundled.length > 0) {
  const urls = new Map(
    bundled.flatMap(([name, file]) => {
      const { href } = pathToFileURL(file)
      const modules = pathToFileURL(`${__dirname}/../packages/${name}/src/index.ts`)
      return [
        [`@reprise/${name}`, href],
        [modules.href, href],
      ]
    }),
  )
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const url = urls.get(specifier)
      return url === undefined ? nextResolve(specifier, context) : { url, format: 'module', shortCircuit: true }
    },
  })
}
