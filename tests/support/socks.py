"""A SOCKS5 proxy (RFC 1928) that is a whole DNS and network of our own: a name and a port lead where a table says, or nowhere."""
import asyncio
import struct
import threading

VERSION, NO_LOGIN, BY_NAME, DONE, UNREACHABLE = 5, 0, 3, 0, 4


async def pass_on(reader, writer):
    try:
        while octets := await reader.read(65536):
            writer.write(octets)
            await writer.drain()
    except ConnectionError:
        pass
    writer.close()


class Socks:
    """ways: (name, port) to (address, port). `asked` is who was asked for, found or not."""

    def __init__(self, ways):
        self.ways, self.asked = ways, set()
        self.loop = asyncio.new_event_loop()
        server = self.loop.run_until_complete(asyncio.start_server(self.serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    async def target(self, reader, writer):
        """Where the client wants to; None: it spoke otherwise than by a name."""
        _, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(bytes([VERSION, NO_LOGIN]))
        _, _, _, kind = await reader.readexactly(4)
        if kind != BY_NAME:
            return None
        name = await reader.readexactly((await reader.readexactly(1))[0])
        return name.decode(), struct.unpack(">H", await reader.readexactly(2))[0]

    async def serve(self, reader, writer):
        try:
            to = await self.target(reader, writer)
            self.asked.add(to)
            way = self.ways.get(to)
            there = await asyncio.open_connection(*way) if way else None
            writer.write(bytes([VERSION, DONE if there else UNREACHABLE, 0, 1]) + bytes(6))
            if there:
                await asyncio.gather(pass_on(reader, there[1]), pass_on(there[0], writer))
        except (OSError, asyncio.IncompleteReadError):
            pass
        writer.close()
