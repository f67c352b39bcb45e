"""A server that answers everything from memory, to see what the load generator does alone."""

import asyncio

import uvloop

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npong"


class Answering(asyncio.Protocol):
    """One connection: each end of a request without body is answered."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection over."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request that has ended."""
        self._transport.write(ANSWER * data.count(b"\r\n\r\n"))  # type: ignore[attr-defined]  # asyncio gives a writing one


async def main() -> None:
    """Listen on a free port, print it, and answer until somebody ends this."""
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
