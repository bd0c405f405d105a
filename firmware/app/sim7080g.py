# Driver of the SIM7080G modem: MQTT through its AT commands (SIMCom AT manual V1.05, chapters 1.4 and 17).
#
# signal | pin | direction | level
# TX, RX | UART 1 | 115200 baud, 8N1, no flow control | 3.3 V
# PWRKEY | MODEM_PWRKEY_PIN | out | high pulls the key down through a transistor; over 1 s switches the modem
# DTR | MODEM_DTR_PIN | out | low keeps it awake; high lets it sleep once AT+CSCLK=1 allows it
# power | MODEM_POWER_PIN | out | low cuts its supply: a load switch whose enable is pulled up, for a pin that floats
#
# The line itself is at.py, the network attach.py, certificates trust.py, downloads https.py. Another transport has the
# same members (link_wifi.py).
import asyncio
import binascii
import time

from at import At, number, quoted
from attach import attach, set_clock
from https import Https
from trust import PEM_MAX, set_context, write_ca
from watch import STEPS

# The manual states no time for a connect over TLS; drivers in the field wait this long.
CONNECT_MS = 60000
# All of one attempt: below the time that a task may be silent (config.RADIO_SILENT_MS).
ATTEMPT_MS = 150000
# QoS 1: OK comes with the broker's PUBACK, and a sleeping radio takes seconds to wake.
PUBLISH_MS = 10000
# Manual 5.6: CFUN answers within 10 s.
RESTART_MS = 10000
POWER_KEY_MS = 1200
# From PWRKEY to the first answer; the manual's power-on time is 1.8 s.
POWER_UP_MS = 4000
# From PWRKEY to NORMAL POWER DOWN, and for its capacitors when the supply is cut.
POWER_DOWN_MS = 3000
WAKE_TRIES = 6
WAKE_TRIES_BEFORE_KEY = 3
# From DTR low to the first answer.
DTR_MS = 60

PUBLISH_MAX = 1024
TOPIC_MAX = 128
# What waits for the listening task. QoS 1 ended at the modem, so one too many is lost; the cloud sends again.
MESSAGES_MAX = 16
KEEP_ALIVE_S = 60
CONTEXT = 0
NTP_SERVER = "pool.ntp.org"

# What an attempt does first after so many failures in a row: each step loses more, and costs more time.
RUNGS = {2: "disconnect", 3: "context", 5: "radio", 8: "key", 11: "power"}
RUNGS_AGAIN = 12
# Failures at which an attempt begins with each rung, for whoever gives up a link that says it is there.
RUNG_FAILURES = sorted(RUNGS)
# +CSQ: 0..31 is -113..-51 dBm in steps of 2; 99 is unknown.
NO_SIGNAL_DBM = -113

# Manual chapter 8. Cat-M (4): the modem listens every 20.48 s, so an unlock comes up to that much later.
EDRX = 'AT+CEDRXS=1,4,"0010"'
# Unreachable but for 2 s an hour (T3412 of 1 h, T3324 of 2 s): never while a case sells, for no unlock would reach it.
PSM = 'AT+CPSMS=1,,,"00100001","00000001"'


class Modem:
    """`connect()` makes one attempt and raises OSError; `publish()` and `messages` work while `connected`."""

    def __init__(self, uart, power_key, secrets, dtr=None, power=None):
        self.power_key = power_key
        self.dtr = dtr
        self.power = power
        self.secrets = secrets
        self.at = At(uart, self._unasked, self._silent)
        self.connected = False
        self.asleep = False
        self.rssi_dbm = NO_SIGNAL_DBM
        self.failures = 0
        # Why the connection was lost, and the deepest step that its ladder took since it was there.
        self.why = "lost"
        self.step = "again"
        self.messages = []
        # The simulated world has no certificates. Said at each connect, for no shop may run so.
        self.insecure = secrets.get("tls", True) is False
        self.ca = secrets.get("ca", "").encode()
        self.ca_file = ""
        self.settings, self.https, self.refusal = (), None, None
        try:
            self._provision(secrets)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            # Wrong secrets must not stop the lock and the display: there is just no radio.
            self.refusal = "modem: secrets: %r" % error
        if not self.insecure and not 0 < len(self.ca) <= PEM_MAX:
            self.refusal = "modem: no CA certificate, and TLS is not off"

    def _provision(self, secrets):
        host = secrets["host"]
        self.online = "case/%s/online/controller" % secrets["case"]
        # Lost at every reboot of the modem, so sent at every connect. The last four are the will and how messages come.
        self.settings = (("CLIENTID", quoted("tapcase-" + secrets["case"], 128)),
                         ("URL", "%s,%d" % (quoted(host, 246), secrets["port"])), ("KEEPTIME", KEEP_ALIVE_S),
                         ("USERNAME", quoted(secrets["user"])), ("PASSWORD", quoted(secrets["password"], 512)),
                         ("CLEANSS", 1), ("QOS", 1), ("TOPIC", quoted(self.online, TOPIC_MAX)), ("MESSAGE", '"0"'),
                         ("RETAIN", 1), ("SUBHEX", 1))
        self.https = Https(self.at, secrets.get("update_host", host), not self.insecure)

    # What the controller uses

    async def connect(self, topics):
        """Attach, configure, connect, subscribe. Each failure makes the next attempt start deeper."""
        self.connected = False
        if self.refusal:
            raise OSError(self.refusal)
        try:
            await asyncio.wait_for_ms(self._connect(topics), ATTEMPT_MS)
        except OSError:
            self._failed()
            raise
        except asyncio.TimeoutError:
            self._failed()
            raise OSError("modem: the attempt took too long")
        except (TypeError, ValueError) as error:
            # A setting that attach.py or trust.py refuses.
            self._failed()
            raise OSError("modem: secrets: %r" % error)
        self.failures = 0

    def _failed(self):
        self.connected = False
        self.failures += 1

    def distrust(self, times):
        """The link carries nothing, whatever the modem says: the next attempt begins deeper, the more often this was so."""
        self.connected = False
        self.failures = RUNG_FAILURES[min(times, len(RUNG_FAILURES)) - 1]

    def _silent(self):
        if self.connected:
            self.why = "silent"
        self.connected = False

    def climbed(self):
        """(why the connection was lost, the deepest step since); forgotten with this question."""
        told = self.why, self.step
        self.why, self.step = "lost", "again"
        return told

    def _climb(self, step):
        if STEPS.index(step) > STEPS.index(self.step):
            self.step = step

    async def publish(self, topic, frame, retain=0):
        """Hands a frame to the modem. OK is the best evidence there is: the PUBACK is hidden from us."""
        if len(frame) > PUBLISH_MAX:
            raise ValueError("frame")
        if not self.connected or self.asleep:
            raise OSError("modem: not connected")
        text = "AT+SMPUB=%s,%d,1,%d" % (quoted(topic, TOPIC_MAX), len(frame), retain)
        try:
            await self.at.command(text, PUBLISH_MS, frame)
        except OSError:
            # Refused or silent: either way this connection is not to be trusted.
            self.connected = False
            raise

    async def fetch(self, path, start, length):
        """HTTPS GET of a range from the provisioned update host: 1 to `length` bytes (https.py). Raises OSError."""
        if not self.connected or self.asleep:
            raise OSError("modem: not connected")
        return await self._used(self.https.fetch(path, start, length, self.ca_file))

    async def look_around(self):
        """Signal strength, and whether the broker is still there: the line that says so can be lost."""
        await self._used(self._look_around())

    async def _used(self, use):
        try:
            return await use
        except OSError:
            await self.at.seems_there()
            raise

    async def _look_around(self):
        for line in await self.at.command("AT+CSQ", answer="+CSQ:"):
            level = number(line, "+CSQ:")
            if level is not None:
                self.rssi_dbm = NO_SIGNAL_DBM if not 0 <= level <= 31 else 2 * level - 113
        await self.at.command("AT+SMSTATE?", answer="+SMSTATE:")

    def poll(self):
        """Reads what has come; called by the listening task."""
        self.at.poll()

    # Power

    async def sleep(self):
        """0.6 mA instead of 10. The line is deaf until `wake`: messages that come meanwhile are lost."""
        if self.dtr is None or self.asleep:
            return
        await self.at.command("AT+CSCLK=1")
        self.asleep = True
        self.dtr.value(1)

    async def wake(self):
        """Raises OSError when it stays silent; the next connect then begins with its power."""
        if self.dtr is not None:
            self.dtr.value(0)
            if self.asleep:
                await asyncio.sleep_ms(DTR_MS)
                self.asleep = False
                try:
                    await self._answers()
                except OSError:
                    self._silent()
                    raise

    async def save_power(self, mode):
        """"off", "edrx" (an unlock waits up to 20 s) or "psm" (unreachable). True when the network grants eDRX."""
        if mode not in ("off", "edrx", "psm"):
            raise ValueError(mode)
        await self.at.command(PSM if mode == "psm" else "AT+CPSMS=0")
        await self.at.command(EDRX if mode == "edrx" else "AT+CEDRXS=0")
        granted = await self.at.command("AT+CEDRXRDP", answer="+CEDRXRDP:")
        return any((number(line, "+CEDRXRDP:") or 0) > 0 for line in granted)

    # The steps of a connection

    async def _connect(self, topics):
        if self.asleep:
            self.dtr.value(0)
            self.asleep = False
        rung = RUNGS.get(self.failures % RUNGS_AGAIN)
        if rung:
            self._climb(rung)
        await self._recover(rung)
        await attach(self.at, self.secrets)
        await self._secure()
        await self._hang_up(rung)
        for name, value in self.settings:
            await self.at.command('AT+SMCONF="%s",%s' % (name, value))
        await self.at.command("AT+SMCONN", CONNECT_MS)
        # The OK may have been that of a command long given up; this answer has a line of its own.
        if "+SMSTATE: 0" in await self.at.command("AT+SMSTATE?", answer="+SMSTATE:"):
            raise OSError("modem: the broker is gone again")
        for topic in topics:
            # Forgotten with the connection, so asked for with each.
            await self.at.command("AT+SMSUB=%s,1" % quoted(topic, TOPIC_MAX))
        self.connected = True
        # Retained, and taken back by the will: a hint for people, never a reason to open.
        await self.publish(self.online, b"1", 1)

    async def _recover(self, rung):
        """The ladder: try again, end the session, the data context, the radio, the key, the supply."""
        if rung == "power":
            await self._cut_power()
        elif rung == "key":
            # Once it is off, twice it is on; a modem that was off already is switched on by `_answers`.
            await self._press_power_key(POWER_DOWN_MS)
            await self._press_power_key(POWER_UP_MS)
        await self._answers()
        if rung == "radio":
            await self.at.command("AT+CFUN=1,1", RESTART_MS)
            await asyncio.sleep_ms(POWER_UP_MS)
            await self._answers()
        elif rung == "context":
            await self.at.may_fail("AT+CNACT=0,0")

    async def _answers(self):
        """With automatic baud rate it is silent until it has heard AT a few times; switched off, until PWRKEY."""
        for attempt in range(WAKE_TRIES):
            if attempt == WAKE_TRIES_BEFORE_KEY:
                await self._press_power_key(POWER_UP_MS)
            try:
                return await self.at.sync()
            except OSError:
                pass
        raise OSError("modem: silent")

    async def _secure(self):
        if self.insecure:
            print("radio: TLS is off, as the secrets say: for the simulated world only")
            await self.at.command('AT+SMSSL=0,"",""')
            return
        await set_clock(self.at, self.secrets.get("ntp", NTP_SERVER))
        self.ca_file = await write_ca(self.at, self.ca)
        await set_context(self.at, CONTEXT, self.secrets["host"])
        # SMSSL counts from 1, for 0 is no TLS.
        await self.at.command('AT+SMSSL=%d,"%s",""' % (CONTEXT + 1, self.ca_file))

    async def _hang_up(self, rung):
        """Settings are taken between connections only. With nothing to end the modem says ERROR."""
        if rung or "+SMSTATE: 0" not in await self.at.command("AT+SMSTATE?", answer="+SMSTATE:"):
            await self.at.may_fail("AT+SMDISC")

    async def _press_power_key(self, then_ms):
        self._climb("key")
        self.power_key.value(1)
        try:
            await asyncio.sleep_ms(POWER_KEY_MS)
        finally:
            self.power_key.value(0)
        await self._listen(then_ms)

    async def _cut_power(self):
        if self.power is None:
            return
        self.power.value(0)
        try:
            await asyncio.sleep_ms(POWER_DOWN_MS)
        finally:
            self.power.value(1)
        await self._press_power_key(POWER_UP_MS)

    async def _listen(self, ms):
        started = time.ticks_ms()
        while time.ticks_diff(time.ticks_ms(), started) < ms:
            self.at.poll()
            await asyncio.sleep_ms(20)

    # Lines that come unasked

    def _unasked(self, line):
        """True for what is nobody's answer."""
        if line.startswith(b"+SMSUB:"):
            self._message(line[7:].strip())
            return True
        if line.startswith(b"+APP PDP: 0,DEACTIVE") or line.startswith(b"+PDP: DEACT"):
            self.connected = False
            return True
        # Also the answer of SMSTATE?, which says it when the line that came unasked was lost.
        if line.startswith(b"+SMSTATE: 0") or line == b"RDY" or line.endswith(b"POWER DOWN"):
            self.connected = False
        return False

    def _message(self, text):
        """`"topic","hex"`, for SUBHEX is on: as plain text a payload could hold quotes and line ends of its own."""
        topic, _, payload = text[1:-1].partition(b'","')
        try:
            message = (topic.decode(), binascii.unhexlify(payload))
        except (UnicodeError, ValueError):
            return
        if len(message[1]) <= PUBLISH_MAX and len(self.messages) < MESSAGES_MAX:
            self.messages.append(message)
