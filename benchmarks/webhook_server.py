"""A server that events are sent to: it answers well, with 500, or not for a minute, by the path.

`GET /counts` answers how many requests came to `/well`, and how many different ids they had.
"""

import asyncio
import json

import uvloop

HANGS = 60
ANSWER = "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"


class Receiver:
    """Answers one request a connection, and counts."""

    def __init__(self) -> None:
        self._requests = 0
        self._ids: set[str] = set()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a request and answer it."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines if line)
        await reader.readexactly(int(headers.get("content-length", "0")))
        path = first.split(" ")[1]
        if path == "/hang":
            await asyncio.sleep(HANGS)
        elif path == "/well":
            self._requests += 1
            self._ids.add(headers["webhook-id"])
        body = json.dumps({"requests": self._requests, "ids": len(self._ids)})
        status = 500 if path == "/ill" else 200
        writer.write(ANSWER.format(status=status, length=len(body), body=body).encode())
        writer.close()


async def main() -> None:
    """Listen on a free port, print it, and answer until somebody ends this."""
    server = await asyncio.start_server(Receiver().answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
