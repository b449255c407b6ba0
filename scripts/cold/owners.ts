/** Whose a place in the Worker's bundle is: a package's, or a folder's of ours. */

/** Answers for a character's place. The bundler writes each module's path above it. */
export function ownersIn(bundle: string): (place: number) => string {
  const paths = bundle.matchAll(/^[ \t]*\/\/ (\S+\.[cm]?[jt]sx?)$/gm)
  const modules = [...paths].map(({ index, 1: file = '' }) => ({ index, owner: ownerOf(file) }))
  return (asked) => modules.findLast(({ index }) => index <= asked)?.owner ?? 'the bundler'
}

function ownerOf(file: string): string {
  const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file) ?? []
  return name ?? file.split('/').slice(0, -1).slice(0, 2).join('/')
}
