# Whom the modem believes: the CA's certificate in its file system, and the TLS settings of a context.
#
# Without a CA the modem trusts every server (SIMCom's TCP note 5.2.2), so there is no connection without one.
import binascii
import hashlib

from at import COMMAND_MS, quoted

# CFSWFILE (manual 13): bytes of one write, and how long the modem waits for them.
PEM_MAX = 10240
INPUT_MS = 10000
# Folder "/customer/" of the modem.
CUSTOMER = 3
# CSSLCFG "convert": 2 is a CA certificate. SSLVERSION 3 is TLS 1.2; the modem knows nothing newer.
CA = 2
TLS_1_2 = 3


def ca_name(pem):
    """Names the content, so that a file of this name and length need not be written again. At most 20 bytes."""
    return "ca%s.crt" % binascii.hexlify(hashlib.sha256(pem).digest()[:5]).decode()


async def write_ca(at, pem):
    """Puts the certificate into the modem where it is not yet there, and makes it one it can use. Its name."""
    name = ca_name(pem)
    # Left open by an attempt that failed; opened twice it is an error.
    await at.may_fail("AT+CFSTERM")
    await at.command("AT+CFSINIT")
    try:
        if not await is_there(at, name, len(pem)):
            text = 'AT+CFSWFILE=%d,"%s",0,%d,%d' % (CUSTOMER, name, len(pem), INPUT_MS)
            await at.command(text, INPUT_MS + COMMAND_MS, pem, "DOWNLOAD")
    finally:
        await at.may_fail("AT+CFSTERM")
    # Hardware takes these words in lower case only, whatever the manual says (TinyGSM's notes).
    await at.command('AT+CSSLCFG="convert",%d,"%s"' % (CA, name))
    return name


async def is_there(at, name, length):
    try:
        return "+CFSGFIS: %d" % length in await at.command('AT+CFSGFIS=%d,"%s"' % (CUSTOMER, name), answer="+CFSGFIS:")
    except OSError:
        return False


async def set_context(at, context, host):
    """Lost at every reboot of the modem, so sent at every connect."""
    await at.command('AT+CSSLCFG="sslversion",%d,%d' % (context, TLS_1_2))
    # 0: the certificate's dates are checked against the modem's clock.
    await at.command('AT+CSSLCFG="ignorertctime",%d,0' % context)
    if not all(c in "0123456789." for c in host):
        # RFC 6066, 3: an address is no server name.
        await at.command('AT+CSSLCFG="sni",%d,%s' % (context, quoted(host, 253)))
    await at.command('AT+CSSLCFG="ctxindex",%d' % context, answer="+CSSLCFG:")
