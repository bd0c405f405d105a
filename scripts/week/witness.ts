// Watches the firmware from inside its VM, without changing a file of it: which reports it has promised to deliver, which it was
// told are safe, whether it keeps customers out, and when it tries to connect.

/** A report counts once it is put, and also when it is found waiting after a reset that came before `put` returned. */
export const WITNESS = `
import controller
import outbox
import sim7080g
import witness


def watched(put, due, acked):
    def seen(payload):
        if isinstance(payload, dict) and payload.get("seq"):
            witness.put(payload["seq"], str(payload.get("type")), str(payload.get("id", "")))

    def put_seen(self, payload):
        kept = put(self, payload)
        seen(payload)
        return kept

    def due_seen(self, *arguments):
        waiting = list(due(self, *arguments))
        for payload in waiting:
            seen(payload)
        return waiting

    def acked_seen(self, number):
        witness.acked(number)
        return acked(self, number)

    return put_seen, due_seen, acked_seen


def before(tell, call):
    def told(self, *arguments):
        tell(*arguments)
        return call(self, *arguments)

    return told


outbox.Outbox.put, outbox.Outbox.due, outbox.Outbox.acked = watched(outbox.Outbox.put, outbox.Outbox.due, outbox.Outbox.acked)
controller.Controller.lock_out = before(lambda on, reason: witness.lockout(on), controller.Controller.lock_out)
sim7080g.Modem.connect = before(lambda topics: witness.step(), sim7080g.Modem.connect)
`;
