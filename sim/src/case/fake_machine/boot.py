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
            # On the board the program would end here, with the pins as they are.
            sys.print_exception(error)

    return asyncio.create_task(watched())


asyncio.run = run
