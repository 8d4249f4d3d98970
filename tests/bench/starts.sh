#!/bin/sh
# How many of STARTS=10000 early SIGTERMs each PID 1 loses, in every mode. Fails
# if pith-init loses one. Run by scripts/bench.
set -eu
top=$PWD support=$PWD/build/tests/support
starts=${STARTS:-10000} jobs=$(($(nproc) * 2))
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM

mkdir -p "$dir/names" "$dir/root/app" "$dir/root/etc/pith"
cp build/pith-init "$dir/root/init"
cp "$support/early" "$support/victim" "$dir/root/app"
for name in pith-init tini dumb-init catatonit; do
    ln -s "$top/build/pith-init" "$dir/names/$name"
done
printf '@default\n' | build/pith profile compile - -o \
    "$dir/root/etc/pith/service.bpf" --program /app/victim="$support/victim" >/dev/null
printf '%s\n' '[Service]' User=65532 SystemCallFilter=@default \
    >"$dir/root/etc/pith/service.conf"

lost=0
# row NAME COMMAND...: print the count, and leave it in $count.
row() {
    name=$1
    shift
    # What they say about it is not asked for.
    "$@" >"$dir/out" 2>/dev/null
    read -r _ count _ <"$dir/out"
    printf '%-24s %6d\n' "$name" "$count"
}

printf '\nSIGTERM 0 to 1.5 ms after the start, %d starts each, %d at a time: lost\n' \
    "$starts" "$jobs"
for mode in pith-init 'pith-init -g' 'pith-init -c' 'tini -s' 'tini -sg' \
    dumb-init 'dumb-init -c' catatonit 'catatonit -g'; do
    # shellcheck disable=SC2086 # a mode is words
    row "pith as $mode" "$support/early" -j "$jobs" "$starts" \
        "$dir/names/"$mode -- "$support/victim" listen
    lost=$((lost + count))
done
for mode in '' -g -c; do
    row "pith locked in $mode" chroot "$dir/root" /app/early -j "$jobs" \
        "$starts" /init ${mode:+"$mode"} -- /app/victim listen
    lost=$((lost + count))
done
for mode in 'tini -s' 'tini -sg' dumb-init 'dumb-init -c' catatonit 'catatonit -g'; do
    path=$(command -v "${mode%% *}") || continue
    # shellcheck disable=SC2086 # a mode is words
    row "$mode" "$support/early" -j "$jobs" "$starts" \
        $path${mode#"${mode%% *}"} -- "$support/victim" listen
done
[ "$lost" = 0 ]
