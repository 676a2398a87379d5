#!/bin/sh
# shots.sh SLIPWAY DEMO OUT: drives the console through the next release of the
# demo product, in a copy of DEMO, and draws what is seen as PNG into OUT. Needs
# tmux, Go, git, and the DejaVu fonts.
set -eu
slipway=$(realpath "$1"); demo=$(realpath "$2"); out=$(realpath "$3"); tools=$(cd "$(dirname "$0")" && pwd)
skiff=/tmp/skiff # seen in the pictures, so it is the same each time
mkdir "$skiff"
work=$(mktemp -d)
draw=$work/draw
(cd "$tools" && go build -o "$draw" .)
cp -r "$demo/." "$skiff"
t() { tmux -L "slipway-shots-$$" "$@"; }
see() { t capture-pane -p -t s; }
wait_for() { i=0; until see | grep -q "$1"; do i=$((i + 1)); [ $i -lt 4500 ] || { see; echo "no \"$1\" seen" >&2; exit 1; }; sleep 0.2; done; }
keys() { t send-keys -t s "$@"; sleep 0.6; }
shot() {
	t capture-pane -e -p -N -t s > "$work/$1.ansi"
	"$draw" -in "$work/$1.ansi" -out "$out/$1.png" -cols "$(t display-message -p -t s '#{pane_width}')" -px 14
}
end() {
	(cd "$skiff" && "$slipway" --state state --cache cache stop skiff-1.3-build1 --reason "shots are taken" --confirm 1.3) || true
	t kill-server || true
	until rm -rf "$work" "$skiff" 2>/dev/null; do sleep 1; done # the engine is still putting its files away
}
trap end EXIT
GOCACHE=$(go env GOCACHE); export GOCACHE # Skiff's builds share it, as in the demo
t -f /dev/null new-session -d -s s -x 120 -y 36 -c "$skiff" "env COLORTERM=truecolor SLIPWAY_STATE=state SLIPWAY_CACHE=cache '$slipway'"
wait_for RECENT
keys n; wait_for 'Nothing is written'; keys Enter; keys Enter; wait_for 'Full revisions'; shot wizard-source
keys Enter; keys Enter; wait_for 'all is well'; shot wizard-plan
keys Enter; wait_for 'MAIL'; shot wizard-review
keys 1.3; keys Enter; wait_for '  repack/.*usual'; sleep 1; shot board
keys c; sleep 1; shot forecast; keys Escape; sleep 1
keys t; keys /; keys 'stage:updates'; keys Enter; shot tasks
keys Escape; keys Escape
wait_for '2 gates waiting'; keys A; wait_for SIGN-OFFS; keys Enter; wait_for 'Type the version'; shot approval
keys Escape; sleep 1; keys '?'; shot help; keys '?'
keys u; sleep 1; shot updates
keys s; sleep 1; shot signing
keys e; sleep 1; shot mails
keys H; sleep 1; shot history
keys p; keys C-u; keys C-u; sleep 1; shot replay; keys Escape; sleep 1
keys t; keys /; keys 'build/linux64'; keys Enter; keys Enter; sleep 1; shot task
until see | grep -q 'NEEDS ATTENTION'; do keys Escape; done; sleep 6; shot home
keys Enter; t resize-window -t s -x 80 -y 24; sleep 1; shot board-80x24
