# The first thing that happens after any reset is that the lock goes to its safe level: importing it is enough.
import lock
