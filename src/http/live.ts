/**
 * A session's status as it changes, as server-sent events. The Worker holds the WebSocket to the object, which may
 * hibernate meanwhile, and lets go after 25 s so that nothing is kept awake: the browser then comes back by itself.
 */

const HELD_MS = 25_000
const RETRY_MS = 1_000

/** The stream of what the object's WebSocket tells; ends with it, with the customer, or when its time is over. */
export function serverSentEvents(watched: Response): Response {
  const socket = watched.webSocket
  if (!socket) return watched
  const encoder = new TextEncoder()
  let end = () => {}
  let isGone = false
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (text: string) => controller.enqueue(encoder.encode(text))
      const timer = setTimeout(() => end(), HELD_MS)
      let over = false
      end = () => {
        if (over) return
        over = true
        clearTimeout(timer)
        closed(socket)
        if (!isGone) controller.close()
      }
      send(`retry: ${RETRY_MS}\n\n`)
      socket.addEventListener('message', ({ data }) => {
        if (!over) send(`event: payment\ndata: ${String(data)}\n\n`)
      })
      socket.addEventListener('close', () => end())
      socket.addEventListener('error', () => end())
      socket.accept()
    },
    cancel() {
      isGone = true
      end()
    },
  })
  const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' }
  return new Response(stream, { headers })
}

function closed(socket: WebSocket): void {
  try {
    socket.close(1000)
  } catch {
    // The other side was quicker.
  }
}
