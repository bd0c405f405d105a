# From a modem that answers to one with an address: SIM card, network, data context, and a clock that is right.
#
# What the modem keeps over a reboot is asked first and only written when it differs: it is flash.
import asyncio
import time

from at import number, quoted

# Manual 5.6: CFUN answers within 10 s.
RADIO_MS = 10000
# The SIM card is read after each start and after CFUN=1; until then the modem says that it is busy (manual 22.1, error 14).
SIM_MS = 20000
SIM_BUSY = ("SIM busy", "CME ERROR: 14")
# A first search over all bands takes minutes; the next attempt goes on where this one ended, for the modem keeps searching.
REGISTER_MS = 60000
ACTIVE_MS = 15000
NTP_MS = 30000
ASK_MS = 100

# +CEREG: registered at home, refused, registered abroad.
HOME, DENIED, ROAMING = 1, 3, 5
# CNMP 38 is LTE only. CMNB 1 is Cat-M, whose answers come in a tenth of a second; 2 is NB-IoT, 3 either.
LTE_ONLY = 38
CAT_M = 1
# The modem's clock starts in 1980 ("80"); this firmware was written in 2026.
YEAR_MIN = 26
YEAR_MAX = 79


async def attach(at, secrets):
    """Raises OSError. Afterwards context 0 has an address."""
    await at.command("ATE0")
    await at.command("AT+CMEE=2")
    # Fixed, so that the modem says when it has restarted.
    await keep(at, "IPR", "115200")
    try:
        # The network's time, where it tells it; NTP is asked otherwise.
        await keep(at, "CLTS", "1")
    except OSError:
        pass
    await sim_ready(at)
    await keep(at, "CNMP", str(LTE_ONLY))
    await keep(at, "CMNB", str(int(secrets.get("cmnb", CAT_M))))
    apn = quoted(secrets.get("apn", "internet"), 64)
    await keep_apn(at, apn)
    await registered(at)
    account = ""
    if "apn_user" in secrets:
        # 1 is PAP.
        account = ",%s,%s,1" % (quoted(secrets["apn_user"], 64), quoted(secrets.get("apn_password", ""), 64))
    await at.command("AT+CNCFG=0,1,%s%s" % (apn, account))
    await activate(at)


async def keep(at, name, value):
    lines = await at.command("AT+%s?" % name, answer="+%s:" % name)
    if not any(line.split(":", 1)[1].strip() == value for line in lines if line.startswith("+%s:" % name)):
        await at.command("AT+%s=%s" % (name, value))


async def until(at, question, answer, good, timeout_ms, otherwise, not_yet=()):
    """Asks until a line is good; an error with one of the words of `not_yet` is asked again like any other line."""
    started = time.ticks_ms()
    while True:
        try:
            lines = await at.command(question, answer=answer)
        except OSError as error:
            if not any(words in str(error) for words in not_yet):
                raise
            lines = ()
        if any(good(line) for line in lines):
            return
        if time.ticks_diff(time.ticks_ms(), started) > timeout_ms:
            raise OSError(otherwise)
        await asyncio.sleep_ms(ASK_MS)


def is_ready(line):
    # The manual prints it with and without the space.
    if not line.startswith("+CPIN:"):
        return False
    state = line[6:].strip()
    if state.startswith("SIM P"):
        raise OSError("modem: the SIM card wants a PIN or PUK")
    return state == "READY"


async def sim_ready(at):
    await until(at, "AT+CPIN?", "+CPIN:", is_ready, SIM_MS, "modem: the SIM card is not ready", SIM_BUSY)


async def keep_apn(at, apn):
    if any(line.startswith('+CGDCONT: 1,"IP",%s' % apn) for line in await at.command("AT+CGDCONT?")):
        return
    # The network is told the access point while the modem registers, so it must be set before.
    await at.command("AT+CFUN=0", RADIO_MS)
    await at.command('AT+CGDCONT=1,"IP",%s' % apn)
    await at.command("AT+CFUN=1", RADIO_MS)
    await sim_ready(at)


def is_registered(line):
    state = number(line, "+CEREG:", 1)
    if state == DENIED:
        raise OSError("modem: the network refuses this SIM card")
    return state in (HOME, ROAMING)


async def registered(at):
    await until(at, "AT+CEREG?", "+CEREG:", is_registered, REGISTER_MS, "modem: no network")
    await until(at, "AT+CGATT?", "+CGATT:", lambda line: number(line, "+CGATT:") == 1, REGISTER_MS, "modem: no data")


async def activate(at):
    # An active context answers ERROR to a second activation; the state that follows is what counts.
    await at.may_fail("AT+CNACT=0,1", ACTIVE_MS)
    await until(at, "AT+CNACT?", "+CNACT:", lambda line: line.startswith("+CNACT: 0,1"), ACTIVE_MS, "modem: no address")


def is_right(line):
    """`+CCLK: "yy/MM/dd,hh:mm:ss±zz"`: right as far as one can see without another clock."""
    if not line.startswith('+CCLK: "'):
        return False
    try:
        return YEAR_MIN <= int(line[8:10]) <= YEAR_MAX
    except ValueError:
        return False


async def set_clock(at, server):
    """A certificate has dates: without the time the modem must refuse every one, or believe every one."""
    if any(is_right(line) for line in await at.command("AT+CCLK?", answer="+CCLK:")):
        return
    await at.command("AT+CNTP=%s,0,0,2" % quoted(server, 128))
    at.expect("+CNTP:")
    await at.command("AT+CNTP")
    code = number(await at.heard("+CNTP:", NTP_MS), "+CNTP:")
    if code != 1:
        raise OSError("modem: no time, +CNTP: %s" % code)
