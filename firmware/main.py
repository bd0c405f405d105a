# Starts the application of the slot that is in use, and starts anew when it cannot. Written by USB, never over the air.
import sys

import machine
import slots

# Before the next start, so that a technician's Ctrl-C at the console comes through.
PAUSE_MS = 3000

store = slots.Files("/flash")

try:
    # A trial counts every start; waking up is no reason to doubt the slot that is known to be good.
    sys.path.insert(0, slots.choose(store, machine.reset_cause() != machine.DEEPSLEEP_RESET))
    import app

    app.start()
except Exception as error:
    # The lock is at its safe level since boot.py. A trial that cannot start is given up after a few of these.
    sys.print_exception(error)
    slots.could_not_start(store)
    import asyncio

    async def start_anew():
        await asyncio.sleep_ms(PAUSE_MS)
        machine.reset()

    asyncio.run(start_anew())
