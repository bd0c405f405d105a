// Watches the firmware's outbox from inside its VM, without changing a file of it: which reports it has promised to deliver.

/** A report counts once it is put, and also when it is found waiting after a reset that came before `put` returned. */
export const WITNESS = `
import outbox
import witness


def watched(put, due):
    def seen(payload):
        if isinstance(payload, dict) and payload.get("seq"):
            witness.put(payload["seq"], str(payload.get("type")))

    def put_seen(self, payload):
        kept = put(self, payload)
        seen(payload)
        return kept

    def due_seen(self, *arguments):
        waiting = list(due(self, *arguments))
        for payload in waiting:
            seen(payload)
        return waiting

    return put_seen, due_seen


outbox.Outbox.put, outbox.Outbox.due = watched(outbox.Outbox.put, outbox.Outbox.due)
`;
