// Loads the core as the one file that bundled-core.ts has made of it, wherever a process asks for the package.
// Plain CommonJS, since every process of a test run loads it first: a module would cost each ten milliseconds.
const { registerHooks } = require('node:module')
const { pathToFileURL } = require('node:url')

const { REPRISE_BUNDLED_CORE: bundled } = process.env

if (bundled !== undefined) {
  const url = pathToFileURL(bundled).href
  const modules = pathToFileURL(`${__dirname}/../packages/core/src/index.ts`).href
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (specifier === '@reprise/core' || specifier === modules) return { url, format: 'module', shortCircuit: true }
      return nextResolve(specifier, context)
    },
  })
}
