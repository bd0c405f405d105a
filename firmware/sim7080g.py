# Driver of the SIM7080G modem: MQTT through its AT commands (SIMCom AT manual V1.05, chapters 1.4 and 17).
#
# signal | pin | direction | level
# TX, RX | UART 1 | 115200 baud, 8N1 | 3.3 V; DTR low keeps it awake
#
# One command at a time; every wait is bounded and its error names the command. Lines that come unasked (+SMSUB,
# +SMSTATE, +APP PDP) are routed apart, for they may stand between a command and its OK.
import asyncio
import binascii
import time

COMMAND_MS = 5000
# The manual states no time for a connect over TLS; drivers in the field wait this long.
CONNECT_MS = 60000
POLL_MS = 5
LINE_MAX = 4096
PUBLISH_MAX = 1024


class Modem:
    """`connect()` runs the ladder once and raises OSError; `publish()` and `messages` work while `connected`."""

    def __init__(self, uart, host, port, user, password, client, apn="internet"):
        self.uart = uart
        self.server = (host, port)
        self.user = user
        self.password = password
        self.client = client
        self.apn = apn
        self.connected = False
        self.messages = []
        self.lines = []
        self.rest = b""
        self.prompt = False
        self.busy = asyncio.Lock()

    async def connect(self, topics):
        """Attach, configure, connect, subscribe."""
        self.connected = False
        await self._awake()
        for command in ("ATE0", "AT+CMEE=2", "AT+CPIN?", "AT+CGATT?"):
            await self.command(command)
        # An active context answers ERROR to a second activation; the state that follows is what counts.
        await self.command('AT+CNCFG=0,1,"%s"' % self.apn)
        try:
            await self.command("AT+CNACT=0,1")
        except OSError:
            pass
        try:
            await self.command("AT+SMDISC")
        except OSError:
            pass
        settings = (("CLIENTID", '"%s"' % self.client), ("URL", '"%s",%d' % self.server), ("KEEPTIME", "60"),
                    ("USERNAME", '"%s"' % self.user), ("PASSWORD", '"%s"' % self.password), ("CLEANSS", "1"),
                    ("QOS", "1"), ("SUBHEX", "1"))
        for name, value in settings:
            # Lost at every boot of the modem, so sent at every connect.
            await self.command('AT+SMCONF="%s",%s' % (name, value))
        await self.command("AT+SMCONN", CONNECT_MS)
        for topic in topics:
            await self.command('AT+SMSUB="%s",1' % topic)
        self.connected = True

    async def publish(self, topic, frame):
        """Hands a frame to the modem. OK is the best evidence there is: the PUBACK is hidden from us."""
        if not self.connected:
            raise OSError("modem: not connected")
        if len(frame) > PUBLISH_MAX:
            raise ValueError("frame")
        await self.command('AT+SMPUB="%s",%d,1,0' % (topic, len(frame)), COMMAND_MS, frame)

    async def command(self, text, timeout_ms=COMMAND_MS, data=None):
        """The lines of the answer. Raises OSError on ERROR and when no final line comes in time."""
        async with self.busy:
            self.lines = []
            self.prompt = False
            self.uart.write((text + "\r").encode())
            started = time.ticks_ms()
            while True:
                self.poll()
                if data is not None and self.prompt:
                    self.uart.write(data)
                    data = None
                for line in self.lines:
                    if line == "OK":
                        return [other for other in self.lines if other != "OK"]
                    if line == "ERROR" or line.startswith("+CME ERROR"):
                        raise OSError("modem: %s: %s" % (text.split("=")[0], line))
                if time.ticks_diff(time.ticks_ms(), started) > timeout_ms:
                    raise OSError("modem: no answer to " + text.split("=")[0])
                await asyncio.sleep_ms(POLL_MS)

    def poll(self):
        """Reads what has come; called by `command` and by the listening task."""
        if not self.uart.any():
            return
        self.rest += self.uart.read()
        if self.rest.startswith(b">"):
            self.prompt = True
            self.rest = self.rest[1:].lstrip()
        while b"\n" in self.rest:
            line, self.rest = self.rest.split(b"\n", 1)
            self._line(line.strip())
            if self.rest.startswith(b">"):
                self.prompt = True
                self.rest = self.rest[1:].lstrip()
        # A modem gone mad must not fill the memory.
        self.rest = self.rest[-LINE_MAX:]

    def _line(self, line):
        if line.startswith(b"+SMSUB:"):
            topic, _, payload = line[7:].strip()[1:-1].partition(b'","')
            try:
                self.messages.append((topic.decode(), binascii.unhexlify(payload)))
            except ValueError:
                pass
        elif line.startswith(b"+SMSTATE: 0") or b",DEACTIVE" in line:
            self.connected = False
        elif line:
            try:
                self.lines.append(line.decode())
            except (UnicodeError, ValueError):
                pass

    async def _awake(self):
        """With automatic baud rate the modem is silent until it has heard AT a few times."""
        for _ in range(5):
            try:
                await self.command("AT", 1000)
                return
            except OSError:
                pass
        raise OSError("modem: silent")
