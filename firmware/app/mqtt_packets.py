# MQTT 3.1.1 (OASIS standard) as bytes, the part that a case needs: QoS 1 both ways, a will, no session. Pure.

CONNACK, PUBLISH, PUBACK, SUBACK, PINGRESP = 2, 3, 4, 9, 13
PINGREQ_PACKET = b"\xc0\x00"

# User name, password, will that is retained and sent with QoS 1, clean session (3.1.2.3).
CONNECT_FLAGS = 0xEE
# A frame of 1,024 bytes, its topic of at most 128, and what MQTT adds.
PACKET_MAX = 1200
ID_MAX = 65535
# SUBACK's word for no (3.9.3).
REFUSED = 128


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    if len(data) > 1024:
        raise ValueError("text")
    return len(data).to_bytes(2, "big") + data


def packet(first, body):
    """Fixed header (2.2): seven bits of the length in a byte, the lowest first."""
    length, size = len(body), b""
    while True:
        digit, length = length & 127, length >> 7
        size += bytes([digit | 128 if length else digit])
        if not length:
            return bytes([first]) + size + body


def connect(client, user, password, keep_alive_s, will_topic, will_message):
    head = text("MQTT") + bytes([4, CONNECT_FLAGS]) + keep_alive_s.to_bytes(2, "big")
    return packet(0x10, head + text(client) + text(will_topic) + text(will_message) + text(user) + text(password))


def publish(topic, payload, number, retain=0, again=False):
    """QoS 1. `again`: the same number was sent before and not acked."""
    return packet(0x32 | (8 if again else 0) | (1 if retain else 0), text(topic) + number.to_bytes(2, "big") + payload)


def puback(number):
    return packet(0x40, number.to_bytes(2, "big"))


def subscribe(number, topics):
    return packet(0x82, number.to_bytes(2, "big") + b"".join(text(topic) + b"\x01" for topic in topics))


def parse_publish(first, body):
    """(topic, payload, qos, number) of a PUBLISH; ValueError when it is none."""
    end = 2 + int.from_bytes(body[:2], "big")
    qos = first >> 1 & 3
    start = end + 2 if qos else end
    if len(body) < max(2, start) or qos > 1:
        raise ValueError("publish")
    try:
        topic = body[2:end].decode()
    except UnicodeError:
        raise ValueError("publish")
    return topic, body[start:], qos, int.from_bytes(body[end:start], "big")


def number_of(body):
    return int.from_bytes(body[:2], "big")


class Reader:
    """Cuts a stream into packets; ValueError for one that no broker of ours sends, then the stream is worth nothing."""

    def __init__(self):
        self.rest = b""

    def feed(self, data):
        self.rest += data

    def next(self):
        """(first byte, body), or None while none is whole."""
        length, shift = 0, 0
        for at in range(1, 5):
            if at >= len(self.rest):
                return None
            length |= (self.rest[at] & 127) << shift
            shift += 7
            if length > PACKET_MAX:
                raise ValueError("too long")
            if self.rest[at] < 128:
                start = at + 1
                if len(self.rest) < start + length:
                    return None
                first, body = self.rest[0], self.rest[start : start + length]
                self.rest = self.rest[start + length :]
                return first, body
        raise ValueError("length")
