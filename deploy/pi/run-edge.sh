#!/bin/sh
# Starts the edge, and feeds systemd's watchdog for as long as the edge answers on its own port: a Node-RED whose loop stands
# still answers nobody, is no longer fed, and is restarted.
#
# Node.js cannot write to systemd's socket by itself, so a loop beside it does, with systemd-notify. The edge's supervisor is the
# main process of the unit: a stop reaches it as SIGINT, and the edge stops its cameras in their own time. It also starts an edge
# again that died or hangs; systemd is there for the supervisor.
set -eu

cd "$(dirname "$0")/../.."

# Where the edge listens on this very machine.
case ${HOST:-127.0.0.1} in
  0.0.0.0 | ::) address=127.0.0.1 ;;
  *) address=${HOST:-127.0.0.1} ;;
esac
url=http://$address:${PORT:-1880}/

# Any answer shows a living loop; 503 alone is the edge saying that its flows are not loaded yet. Ends with the edge, whose
# process number is this script's.
feed() {
  is_ready=no
  while sleep "${FEED_SECONDS:-10}" && kill -0 $$ 2>/dev/null; do
    status=$(curl --silent --output /dev/null --max-time 5 --write-out '%{http_code}' "$url") || continue
    if [ "$is_ready" = yes ]; then
      systemd-notify WATCHDOG=1 || :
    elif [ "$status" != 503 ]; then
      systemd-notify --ready && is_ready=yes
    fi
  done
}

if [ -n "${NOTIFY_SOCKET:-}" ]; then feed & fi
exec node_modules/node/bin/node start.ts edge
