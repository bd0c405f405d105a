# Driver of the SIM7080G modem: MQTT through its AT commands (SIMCom AT manual V1.05, chapters 1.4 and 17).
#
# signal | pin | direction | level
# TX, RX | UART 1 | 115200 baud, 8N1 | 3.3 V; DTR low keeps it awake
# PWRKEY | MODEM_PWRKEY_PIN | out | high pulls the key down through a transistor; over 1 s switches the modem
#
# One command at a time; every wait is bounded and its error names the command. Lines that come unasked (+SMSUB,
# +SMSTATE, +APP PDP) are routed apart, for they may stand between a command and its OK.
import asyncio
import binascii
import time

COMMAND_MS = 5000
# The manual states no time for a connect over TLS; drivers in the field wait this long.
CONNECT_MS = 60000
# Manual 5.6: CFUN answers within 10 s.
RESTART_MS = 10000
ACTIVE_MS = 10000
POWER_KEY_MS = 1200
# From PWRKEY to the first answer; the manual's power-on time is 1.8 s.
POWER_UP_MS = 4000
# After a silence the late answer of a lost command must not be taken for the next one's.
QUIET_MS = 300
POLL_MS = 5

# A frame of 1,024 bytes is 2,048 hex digits, with its topic before it.
LINE_MAX = 2400
PUBLISH_MAX = 1024
# Of one answer; CNACT? has four.
LINES_MAX = 16
# What waits for the listening task. QoS 1 ended at the modem, so one too many is lost; the cloud sends again.
MESSAGES_MAX = 16

# After so many failures in a row the next attempt starts deeper: radio context, radio, power.
RUNGS = ((12, "power"), (6, "radio"), (3, "context"))
# +CSQ: 0..31 is -113..-51 dBm in steps of 2; 99 is unknown.
NO_SIGNAL_DBM = -113


class Modem:
    """`connect()` makes one attempt and raises OSError; `publish()` and `messages` work while `connected`."""

    def __init__(self, uart, power_key, secrets):
        self.uart = uart
        self.power_key = power_key
        self.server = (secrets["host"], secrets["port"])
        self.user = quoted(secrets["user"])
        self.password = quoted(secrets["password"])
        self.client = quoted("tapcase-" + secrets["case"])
        self.online = "case/%s/online/controller" % secrets["case"]
        self.apn = secrets.get("apn", "internet")
        self.connected = False
        self.rssi_dbm = NO_SIGNAL_DBM
        self.failures = 0
        self.messages = []
        self.lines = []
        self.rest = b""
        self.prompt = False
        self.in_step = True
        self.busy = asyncio.Lock()

    # What the controller uses

    async def connect(self, topics):
        """Attach, configure, connect, subscribe. Each failure makes the next attempt start deeper."""
        self.connected = False
        try:
            await self._recover()
            await self._attach()
            await self._configure()
            await self.command("AT+SMCONN", CONNECT_MS)
            for topic in topics:
                await self.command('AT+SMSUB="%s",1' % topic)
            self.connected = True
            # Retained, and taken back by the will below: a hint for people, never a reason to open.
            await self.publish(self.online, b"1", 1)
        except OSError:
            self.connected = False
            self.failures += 1
            raise
        self.failures = 0

    async def publish(self, topic, frame, retain=0):
        """Hands a frame to the modem. OK is the best evidence there is: the PUBACK is hidden from us."""
        if len(frame) > PUBLISH_MAX:
            raise ValueError("frame")
        if not self.connected:
            raise OSError("modem: not connected")
        try:
            await self.command('AT+SMPUB="%s",%d,1,%d' % (topic, len(frame), retain), COMMAND_MS, frame)
        except OSError:
            # Refused or silent: either way this connection is not to be trusted.
            self.connected = False
            raise

    async def look_around(self):
        """Signal strength, and whether the broker is still there: the line that says so can be lost."""
        for line in await self.command("AT+CSQ"):
            level = number(line, "+CSQ:")
            if level is not None:
                self.rssi_dbm = NO_SIGNAL_DBM if level > 31 else 2 * level - 113
        await self.command("AT+SMSTATE?")

    def poll(self):
        """Reads what has come, whole lines only; called by `command` and by the listening task."""
        if not self.uart.any():
            return
        self.rest += self.uart.read() or b""
        while True:
            if self.rest.startswith(b">"):
                self.prompt = True
                self.rest = self.rest[1:].lstrip(b" ")
            end = self.rest.find(b"\n")
            if end < 0:
                break
            line, self.rest = self.rest[:end].strip(), self.rest[end + 1 :]
            if line and len(line) <= LINE_MAX:
                self._line(line)
        # A modem gone mad must not fill the memory.
        if len(self.rest) > LINE_MAX:
            self.rest = b""

    async def command(self, text, timeout_ms=COMMAND_MS, data=None):
        """The lines of the answer. Raises OSError on ERROR and when no final line comes in time."""
        name = text.split("=")[0]
        async with self.busy:
            if not self.in_step:
                await self._wait_for_quiet()
            self.poll()
            self.lines = []
            self.prompt = False
            self.uart.write((text + "\r").encode())
            started = time.ticks_ms()
            while time.ticks_diff(time.ticks_ms(), started) <= timeout_ms:
                self.poll()
                if data is not None and self.prompt:
                    self.uart.write(data)
                    data = None
                for i, line in enumerate(self.lines):
                    if line == "OK":
                        return self.lines[:i]
                    if line == "ERROR" or line.startswith("+CME ERROR"):
                        raise OSError("modem: %s: %s" % (name, line))
                await asyncio.sleep_ms(POLL_MS)
            self.in_step = False
            raise OSError("modem: no answer to " + name)

    # The steps of a connection

    async def _recover(self):
        step = None
        for failures, name in RUNGS:
            if self.failures and self.failures % failures == 0:
                step = name
                break
        if step == "power":
            await self._press_power_key()
        await self._wake()
        if step == "radio":
            await self.command("AT+CFUN=1,1", RESTART_MS)
            await asyncio.sleep_ms(POWER_UP_MS)
            await self._wake()
        elif step == "context":
            await self._may_fail("AT+CNACT=0,0")

    async def _wake(self):
        """With automatic baud rate the modem is silent until it has heard AT a few times; switched off, until PWRKEY."""
        for attempt in range(10):
            if attempt == 5:
                await self._press_power_key()
            try:
                await self.command("AT", 1000)
                return
            except OSError:
                pass
        raise OSError("modem: silent")

    async def _attach(self):
        for command in ("ATE0", "AT+CMEE=2"):
            await self.command(command)
        if not any("READY" in line and "NOT" not in line for line in await self.command("AT+CPIN?")):
            raise OSError("modem: no SIM card")
        if not any(number(line, "+CGATT:") == 1 for line in await self.command("AT+CGATT?")):
            raise OSError("modem: no network")
        await self.command('AT+CNCFG=0,1,"%s"' % self.apn)
        # An active context answers ERROR to a second activation; the state that follows is what counts.
        await self._may_fail("AT+CNACT=0,1")
        started = time.ticks_ms()
        while not any(line.startswith("+CNACT: 0,1") for line in await self.command("AT+CNACT?")):
            if time.ticks_diff(time.ticks_ms(), started) > ACTIVE_MS:
                raise OSError("modem: no address")
            await asyncio.sleep_ms(100)

    async def _configure(self):
        # Left over from the last connection, if there was one; then the modem has nothing to end and says ERROR.
        await self._may_fail("AT+SMDISC")
        settings = (("CLIENTID", self.client), ("URL", '"%s",%d' % self.server), ("KEEPTIME", "60"),
                    ("USERNAME", self.user), ("PASSWORD", self.password), ("CLEANSS", "1"),
                    ("QOS", "1"), ("TOPIC", quoted(self.online)), ("MESSAGE", '"0"'), ("RETAIN", "1"), ("SUBHEX", "1"))
        for name, value in settings:
            # Lost at every boot of the modem, so sent at every connect.
            await self.command('AT+SMCONF="%s",%s' % (name, value))

    async def _may_fail(self, text):
        try:
            await self.command(text)
        except OSError:
            pass

    async def _press_power_key(self):
        self.power_key.value(1)
        await asyncio.sleep_ms(POWER_KEY_MS)
        self.power_key.value(0)
        await asyncio.sleep_ms(POWER_UP_MS)

    async def _wait_for_quiet(self):
        heard = time.ticks_ms()
        started = heard
        while time.ticks_diff(time.ticks_ms(), heard) < QUIET_MS and time.ticks_diff(heard, started) < COMMAND_MS:
            if self.uart.any():
                heard = time.ticks_ms()
            self.poll()
            await asyncio.sleep_ms(POLL_MS)
        self.in_step = True

    # Lines

    def _line(self, line):
        if line.startswith(b"+SMSUB:"):
            self._message(line[7:].strip())
        elif line.startswith(b"+SMSTATE: 0") or line.startswith(b"+APP PDP: 0,DEACTIVE"):
            self.connected = False
        elif len(self.lines) < LINES_MAX:
            try:
                self.lines.append(line.decode())
            except (UnicodeError, ValueError):
                pass

    def _message(self, text):
        """`"topic","hex"`, for SUBHEX is on: as plain text a payload could hold quotes and line ends of its own."""
        topic, _, payload = text[1:-1].partition(b'","')
        try:
            message = (topic.decode(), binascii.unhexlify(payload))
        except (UnicodeError, ValueError):
            return
        if len(self.messages) < MESSAGES_MAX:
            self.messages.append(message)


def quoted(text):
    # There is no escape in the modem's grammar.
    if '"' in text or "\r" in text:
        raise ValueError("a setting with a quote")
    return '"%s"' % text


def number(line, prefix):
    """The first number after the prefix, or None."""
    if not line.startswith(prefix):
        return None
    try:
        return int(line[len(prefix) :].split(",")[0].strip())
    except ValueError:
        return None
