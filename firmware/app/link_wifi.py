# The radio link over Wi-Fi, with the modem's members (sim7080g.py): `"link": "wifi"` in the secrets.
#
# NOT RUN on hardware: tested with sockets of paper. MQTT and TLS are ours here, so a PUBACK is seen and a certificate is
# checked by the ESP32 itself. PPP over the modem (network.PPP on its UART) is the upgrade path: it gives these same
# sockets over LTE-M, at the cost of 60 to 80 KB of heap for TLS and of the modem's own sleep.
import asyncio
import time

import network
from http_range import read_range
from mqtt_packets import (CONNACK, ID_MAX, PINGREQ_PACKET, PUBACK, PUBLISH, REFUSED, SUBACK, Reader, connect,
                          number_of, parse_publish, puback, publish, subscribe)
from sockets import STEP_MS, opened, received

JOIN_MS = 20000
CONNECT_MS = 30000
ANSWER_MS = 10000
KEEP_ALIVE_S = 60
# Asked at half of it; the broker itself gives up after one and a half (3.1.2.10).
PING_MS = KEEP_ALIVE_S * 500
LOST_MS = KEEP_ALIVE_S * 1500
PUBLISH_MAX = 1024
MESSAGES_MAX = 16
READ_MAX = 1024
# What waits to be sent: a few frames of three tasks. More, and the line is dead.
OUT_MAX = 8192
RANGE_MAX = 256 * 1024
NO_SIGNAL_DBM = -113


class WifiLink:
    def __init__(self, secrets):
        self.secrets = secrets
        self.online = "case/%s/online/controller" % secrets["case"]
        self.insecure = secrets.get("tls", True) is False
        self.ca = secrets.get("ca", "")
        self.connected = False
        self.rssi_dbm = NO_SIGNAL_DBM
        self.messages = []
        self.station = network.WLAN(network.STA_IF)
        self.stream = None
        self.reader = Reader()
        self.number = 0
        # Numbers that wait for their PUBACK or SUBACK; None until it comes.
        self.answers = {}
        self.accepted = None
        # One queue for all tasks: packets must not mix.
        self.out = b""
        self.heard_ms = self.asked_ms = 0

    async def connect(self, topics):
        """One attempt. Raises OSError."""
        self._drop()
        if not self.insecure and not self.ca:
            raise OSError("wifi: no CA certificate, and TLS is not off")
        try:
            await self._join()
            await self._dial()
            number = self._next_number()
            self._send(subscribe(number, topics))
            if any(code >= REFUSED for code in await self._answer(number)):
                raise OSError("wifi: the broker refuses a topic")
            self.connected = True
            await self.publish(self.online, b"1", 1)
        except (KeyError, TypeError, ValueError) as error:
            # Wrong secrets must not stop the lock and the display: there is just no radio.
            self._drop()
            raise OSError("wifi: secrets: %r" % error)
        except OSError:
            self._drop()
            raise

    async def publish(self, topic, frame, retain=0):
        """Returns when the broker has acked it. Raises OSError."""
        if len(frame) > PUBLISH_MAX:
            raise ValueError("frame")
        if not self.connected:
            raise OSError("wifi: not connected")
        number = self._next_number()
        try:
            self._send(publish(topic, frame, number, retain))
            await self._answer(number)
        except OSError:
            self._drop()
            raise

    async def fetch(self, path, start, length):
        """HTTPS GET of a range: 1 to `length` bytes. Raises OSError."""
        if not 0 < length <= RANGE_MAX or start < 0:
            raise ValueError("range")
        where = self.secrets.get("update_host", self.secrets["host"])
        host, _, port = where.partition(":")
        stream = await opened(host, int(port or (80 if self.insecure else 443)), self.ca, self.insecure, CONNECT_MS)
        try:
            return await read_range(stream, where, path, start, length)
        finally:
            stream.close()

    def distrust(self, times):
        """The link carries nothing, though it says that it is there: from the second time on the network is joined anew."""
        self._drop()
        if times > 1:
            self.station.disconnect()

    def climbed(self):
        """As the modem says it: its ladder has one step."""
        return "lost", "again"

    async def look_around(self):
        try:
            self.rssi_dbm = self.station.status("rssi")
        except (OSError, ValueError):
            self.rssi_dbm = NO_SIGNAL_DBM

    async def sleep(self):
        self._drop()
        self.station.active(False)

    async def wake(self):
        self.station.active(True)

    def poll(self):
        """Takes what has come and keeps the connection alive; called by whoever waits, and by the listening task."""
        if self.stream is None:
            return
        try:
            self._read()
            self._keep_alive()
            if self.out:
                self.out = self.out[self.stream.write(self.out) or 0 :]
        except (OSError, ValueError):
            self._drop()

    async def _join(self):
        if self.station.isconnected():
            return
        self.station.active(True)
        self.station.connect(self.secrets["ssid"], self.secrets["wifi_password"])
        started = time.ticks_ms()
        while not self.station.isconnected():
            if time.ticks_diff(time.ticks_ms(), started) > JOIN_MS:
                self.station.disconnect()
                raise OSError("wifi: no access point")
            await asyncio.sleep_ms(50)

    async def _dial(self):
        secrets = self.secrets
        self.stream = await opened(secrets["host"], secrets["port"], self.ca, self.insecure, CONNECT_MS)
        self.reader, self.accepted, self.answers, self.out = Reader(), None, {}, b""
        self.heard_ms = self.asked_ms = time.ticks_ms()
        hello = connect("tapcase-" + secrets["case"], secrets["user"], secrets["password"], KEEP_ALIVE_S, self.online, "0")
        self._send(hello)
        await self._until(lambda: self.accepted is not None, CONNECT_MS)
        if self.accepted != 0:
            raise OSError("wifi: the broker refuses: %d" % self.accepted)

    async def _answer(self, number):
        self.answers.setdefault(number, None)
        try:
            await self._until(lambda: self.answers[number] is not None, ANSWER_MS)
            return self.answers[number]
        finally:
            self.answers.pop(number, None)

    async def _until(self, come, timeout_ms):
        started = time.ticks_ms()
        while not come():
            self.poll()
            if self.stream is None:
                raise OSError("wifi: the connection ended")
            if time.ticks_diff(time.ticks_ms(), started) > timeout_ms:
                raise OSError("wifi: no answer")
            await asyncio.sleep_ms(STEP_MS)

    def _next_number(self):
        self.number = self.number % ID_MAX + 1
        self.answers[self.number] = None
        return self.number

    def _read(self):
        data = received(self.stream, READ_MAX)
        if not data:
            return
        self.heard_ms = time.ticks_ms()
        self.reader.feed(data)
        while True:
            packet = self.reader.next()
            if packet is None:
                return
            self._take(packet[0], packet[1])

    def _take(self, first, body):
        kind = first >> 4
        if kind == PUBLISH:
            topic, payload, qos, number = parse_publish(first, body)
            # Acked only when it is kept: one too many comes again.
            if len(self.messages) < MESSAGES_MAX:
                self.messages.append((topic, payload))
                if qos:
                    self._send(puback(number))
        elif kind == CONNACK and len(body) == 2:
            self.accepted = body[1]
        elif kind in (PUBACK, SUBACK) and number_of(body) in self.answers:
            self.answers[number_of(body)] = body[2:] or b"\x00"

    def _keep_alive(self):
        now = time.ticks_ms()
        if time.ticks_diff(now, self.heard_ms) > LOST_MS:
            raise OSError("wifi: silent")
        if time.ticks_diff(now, self.asked_ms) > PING_MS:
            self.asked_ms = now
            self._send(PINGREQ_PACKET)

    def _send(self, data):
        if len(self.out) + len(data) > OUT_MAX:
            raise OSError("wifi: it takes nothing")
        self.out += data

    def _drop(self):
        stream, self.stream, self.connected = self.stream, None, False
        if stream is None:
            return
        try:
            stream.close()
        except OSError:
            pass
