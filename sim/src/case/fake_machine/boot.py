# Makes the browser's MicroPython behave as the board's: asyncio.run starts the firmware, os.urandom has bytes.
import asyncio
import os
import sys

import bridge

sys.path.insert(0, "/firmware")
sys.path.insert(0, "/fake")

if not hasattr(os, "urandom"):

    def urandom(count):
        import binascii

        return binascii.unhexlify(bridge.randomHex(count))

    os.urandom = urandom


def run(coroutine):
    async def watched():
        try:
            await coroutine
        except Exception as error:
            sys.print_exception(error)
            bridge.crashed(repr(error))

    return asyncio.create_task(watched())


asyncio.run = run
