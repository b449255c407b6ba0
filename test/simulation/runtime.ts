/**
 * Makes plain Node run the production code of the objects: stands in for the one module that only workerd has, hands the
 * objects the history's own providers, and, to prove that the simulation bites, plants a bug into a file as it is read.
 */
import { registerHooks } from 'node:module'

/** A planted bug: in this file of `src`, this text, found exactly once, becomes another. */
export interface Mutant {
  name: string
  file: string
  from: string
  to: string
}

const beside = (file: string) => new URL(file, import.meta.url).href

/** To be called before anything of `src` is imported in this thread. */
export function becomeRuntime(mutant: Mutant | null): void {
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === 'cloudflare:workers') return { url: beside('workers.ts'), shortCircuit: true }
      if (specifier === './providers.ts' && context.parentURL?.endsWith('/src/payment/object.ts'))
        return { url: beside('adapters.ts'), shortCircuit: true }
      return next(specifier, context)
    },
    load(url, context, next) {
      const loaded = next(url, context)
      if (url.endsWith('/drizzle-orm/entity.js')) return { ...loaded, source: quick(textOf(loaded.source)) }
      if (mutant === null || !url.endsWith(`/src/${mutant.file}`)) return loaded
      return { ...loaded, source: planted(textOf(loaded.source), mutant) }
    },
  })
}

/**
 * Drizzle asks of every part of every statement what it is, along all its classes, in case two copies of Drizzle meet.
 * Here is one copy, and a seventh of all time went there.
 */
const quick = (text: string): string =>
  text.replace(/if \(value instanceof type\) \{\s*return true;\s*\}/, 'return value instanceof type;')

const textOf = (source: unknown): string =>
  typeof source === 'string' ? source : new TextDecoder().decode(source as Uint8Array)

function planted(text: string, { name, file, from, to }: Mutant): string {
  const parts = text.split(from)
  if (parts.length !== 2)
    throw new Error(`The mutant "${name}" finds its place in src/${file} ${parts.length - 1} times.`)
  return parts.join(to)
}
