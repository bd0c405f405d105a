# Starts the application of the slot that is in use.
import sys

sys.path.insert(0, "/a")

import app

app.start()
