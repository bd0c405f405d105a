# All that lock and door can do, as one table: what leads from which state to which, and what is done on the way. Pure.

LOCKED = "locked"
UNLOCKED = "unlocked"
OPEN = "open"
TOO_LONG = "too_long"
RELOCKING = "relocking"
WEIGHING = "weighing"
LOCKED_OUT = "locked_out"
RESTOCK = "restock"
FAULT = "fault"
# Not states: REST is LOCKED, LOCKED_OUT or FAULT, as the bars say; BACK is OPEN, or RESTOCK where staff are served.
REST = "rest"
BACK = "back"
SAME = "same"
RESTING = (LOCKED, LOCKED_OUT, FAULT)
# What customers are told of before they try: the cloud refuses them without asking the case.
CLOSED = (LOCKED_OUT, FAULT, RESTOCK)
SERVING = (UNLOCKED, OPEN, TOO_LONG, RESTOCK, RELOCKING, WEIGHING)
STATES = RESTING + SERVING

# Commands; the door; the bolt's feedback; the scale.
UNLOCK, STAFF = "unlock", "staff"
OPENED, SHUT = "opened", "shut"
HOME, AWAY = "home", "away"
WEIGHED = "weighed"
# Times: nobody opened; open too long; the coil is hot; the bolt is home, or had the time for it; it did not come home; it did
# not leave it.
NOBODY, LATE, COIL, SECURED, JAMMED, STUCK = "nobody", "late", "coil", "secured", "jammed", "stuck"
# What bars the case, coming and going.
LOCKOUT_ON, LOCKOUT_OFF, FAULT_ON, FAULT_OFF = "lockout_on", "lockout_off", "fault_on", "fault_off"
POWER_LOST, POWER_BACK = "power_lost", "power_back"
BARS = (LOCKOUT_ON, LOCKOUT_OFF, FAULT_ON, FAULT_OFF, POWER_LOST, POWER_BACK)
EVENTS = (UNLOCK, STAFF, OPENED, SHUT, HOME, AWAY, WEIGHED, NOBODY, LATE, COIL, SECURED, JAMMED, STUCK) + BARS

ROWS = (
    # states, events, next state, actions
    # The one row that lets a customer in, and the one for staff: they must reach what spoils in a locked out case.
    ((LOCKED,), (UNLOCK,), UNLOCKED, ("line_up", "release", "unlocked")),
    (RESTING, (STAFF,), RESTOCK, ("release", "restock")),
    # Nobody was let in, and yet: a key, a crowbar, a bolt that gives way. Or the case is barred, or free again.
    (RESTING, (OPENED,), REST, ("forced",)),
    (RESTING, (SHUT,), REST, ("ready",)),
    (RESTING, (AWAY,), REST, ("bolt_fault", "say")),
    (RESTING, (HOME,), REST, ("bolt_well", "say")),
    (RESTING, BARS, REST, ("say",)),
    # A customer may open. Opening ends the timer; without it the door locks again, and at once when the power goes.
    ((UNLOCKED,), (OPENED,), OPEN, ("opened", "rest_coil")),
    ((UNLOCKED,), (NOBODY, COIL, POWER_LOST), RELOCKING, ("lock",)),
    # The door stands open: told again and again, and however long it takes, it ends in a weighed close.
    ((OPEN, TOO_LONG), (LATE,), TOO_LONG, ("open_too_long",)),
    ((OPEN, TOO_LONG), (SHUT,), RELOCKING, ("lock",)),
    # Staff take their time, and are only reminded.
    ((RESTOCK,), (OPENED,), RESTOCK, ("rest_coil",)),
    ((RESTOCK,), (LATE,), RESTOCK, ("remind",)),
    ((RESTOCK,), (SHUT, NOBODY), RELOCKING, ("lock",)),
    # A door held open must not burn the coil, nor empty the capacitor: the latch catches on close without it.
    ((OPEN, TOO_LONG, RESTOCK), (COIL, POWER_LOST), SAME, ("lock",)),
    # Its feedback says home although it is released: then it says nothing of a locked door either.
    ((UNLOCKED, OPEN, TOO_LONG, RESTOCK), (STUCK,), SAME, ("bolt_fault",)),
    # The bolt is on its way. Pulled open before it is home: the same visit goes on.
    ((RELOCKING,), (OPENED,), BACK, ("opened",)),
    ((RELOCKING,), (SECURED,), WEIGHING, ("bolt_well", "line_down", "weigh")),
    ((RELOCKING,), (JAMMED,), WEIGHING, ("bolt_fault", "line_down", "weigh")),
    # Nothing can change any more while scale and cameras look; where it can all the same, they look again.
    ((WEIGHING,), (WEIGHED,), REST, ("conclude",)),
    ((WEIGHING,), (OPENED,), BACK, ("line_up", "opened")),
    ((WEIGHING,), (AWAY,), WEIGHING, ("bolt_fault",)),
    ((WEIGHING,), (HOME,), WEIGHING, ("bolt_well",)),
)

# Everything else changes nothing, and here is why.
IGNORED = (
    # Refused with a code: see `refusal`.
    ((LOCKED_OUT, FAULT) + SERVING, (UNLOCK,)),
    (SERVING, (STAFF,)),
    # A visit under way is finished first; the bar counts when it is over. The lock is shut by then, power or not.
    (SERVING, (LOCKOUT_ON, LOCKOUT_OFF, FAULT_ON, FAULT_OFF, POWER_BACK)),
    ((RELOCKING, WEIGHING), (POWER_LOST,)),
    # The bolt moves because we move it; of RELOCKING it is looked at in time (SECURED, JAMMED).
    ((UNLOCKED, OPEN, TOO_LONG, RESTOCK, RELOCKING), (HOME, AWAY)),
    # Cannot be: the door is as it was, the timer or the scale is another state's, the coil is off.
    ((OPEN, TOO_LONG), (OPENED,)),
    ((UNLOCKED, RELOCKING, WEIGHING), (SHUT,)),
    (RESTING + (OPEN, TOO_LONG, RELOCKING, WEIGHING), (NOBODY,)),
    (RESTING + (UNLOCKED, RELOCKING, WEIGHING), (LATE,)),
    (RESTING + (RELOCKING, WEIGHING), (COIL, STUCK)),
    (RESTING + (UNLOCKED, OPEN, TOO_LONG, RESTOCK, WEIGHING), (SECURED, JAMMED)),
    (RESTING + (UNLOCKED, OPEN, TOO_LONG, RESTOCK, RELOCKING), (WEIGHED,)),
)

# What cameras and cloud hear of a visit, and not of staff at work.
OF_VISITS = ("line_up", "line_down", "opened")
# After so many reminders of one open door the next come LATE_RARE times as far apart: a broken contact must not wear out
# the flash.
LATE_OFTEN = 30
LATE_RARE = 30


def row_of(state, event):
    """(next state, actions), or None for what is ignored."""
    for states, events, state_after, actions in ROWS:
        if state in states and event in events:
            return state_after, actions
    return None
