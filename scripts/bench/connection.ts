/**
 * One HTTP/1.1 connection with one request at a time. Node's own client costs more CPU than the floors that are measured
 * here, and on two cores that would be measured too.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface Answer {
  status: number
  body: string
}

const END_OF_HEAD = Buffer.from('\r\n\r\n')
const LAST_CHUNK = Buffer.from('0\r\n\r\n')

export class Connection {
  readonly #socket: Socket
  #received = Buffer.alloc(0)
  #waiting: { resolve(answer: Answer): void; reject(error: Error): void } | null = null

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (piece: Buffer) => this.#take(piece))
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('The connection was closed.')))
  }

  static async open(origin: URL): Promise<Connection> {
    const socket = connect(Number(origin.port), origin.hostname)
    await once(socket, 'connect')
    return new Connection(socket)
  }

  /** Sends a whole request and resolves with its answer. Rejects when the connection breaks. */
  send(request: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#socket.write(request)
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(piece: Buffer): void {
    this.#received = this.#received.length === 0 ? piece : Buffer.concat([this.#received, piece])
    const answer = answerIn(this.#received)
    if (answer === null) return
    this.#received = Buffer.alloc(0)
    const waiting = this.#waiting
    this.#waiting = null
    waiting?.resolve(answer)
  }

  #fail(error: Error): void {
    const waiting = this.#waiting
    this.#waiting = null
    waiting?.reject(error)
  }
}

/** The whole answer, or null while some of it is under way. Its body is text as it came, with any chunks' sizes in it. */
export function answerIn(received: Buffer): Answer | null {
  const end = received.indexOf(END_OF_HEAD)
  if (end < 0) return null
  const head = received.toString('latin1', 0, end)
  const body = received.subarray(end + END_OF_HEAD.length)
  const length = /^content-length: *(\d+)/im.exec(head)?.[1]
  const isWhole =
    length === undefined
      ? !/^transfer-encoding: *chunked/im.test(head) || body.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)
      : body.length >= Number(length)
  return isWhole ? { status: Number(head.slice(9, 12)), body: body.toString('utf8') } : null
}

/** The bytes of a request. */
export function requestOf(
  origin: URL,
  method: string,
  path: string,
  headers: Record<string, string>,
  body = '',
): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const length = body === '' && method === 'GET' ? '' : `content-length: ${Buffer.byteLength(body)}\r\n`
  return Buffer.from(
    `${method} ${path} HTTP/1.1\r\nhost: ${origin.host}\r\n${lines.join('')}${length}\r\n${body}`,
  )
}
