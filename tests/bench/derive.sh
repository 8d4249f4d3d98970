#!/bin/sh
# tests/bench/derive.sh: what reading a program's code costs, from 20 KB to the
# largest Go program there is: processor time and peak memory of pith profile
# derive, without its cache and with it; and what auto adds to building.
set -eu
export LC_ALL=C

pith=${PITH:-build/pith}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
# stat CACHE COMMAND...: "SECONDS KILOBYTES" of it, the least of three runs.
stat_of() {
    cache=$1
    shift
    for _ in 1 2 3; do
        XDG_CACHE_HOME=$cache /usr/bin/time -q -a -o "$work/times" -f '%e %U %S %M' \
            "$@" >/dev/null 2>&1 || :
    done
    awk '{ t = $2 + $3; if (NR == 1 || t < least) { least = t; kb = $4 } }
        END { print least, kb }' "$work/times"
    rm "$work/times"
}

# Instructions that were there to be read: of all files, as size(1) counts.
text_of() {
    XDG_CACHE_HOME=$work/cache "$pith" profile derive --json "$1" 2>/dev/null |
        jq -r '.programs[].files[]' | while read -r file; do
            size -A "$(readlink -f "$file")" | awk '$1 == ".text" { print $2 }'
        done | awk '{ sum += $1 } END { printf "%.0f", sum }'
}

printf '\n%-34s %9s %9s %9s %9s %9s\n' 'pith profile derive' 'text KB' 's' 's per MB' 'peak MB' \
    'again s'
for program in build/images/hello/amd64/hello /usr/bin/rg /bin/busybox /usr/bin/sqlite3 \
    /usr/sbin/nginx /usr/bin/redis-server "$(command -v dockerd || :)" \
    "$(command -v containerd || :)" "$(command -v kubectl || :)"; do
    [ -x "$program" ] || continue
    text=$(text_of "$program")
    first=$(stat_of /dev/null "$pith" profile derive "$program")
    again=$(stat_of "$work/cache" "$pith" profile derive "$program")
    printf '%s %s %s %s\n' "$program" "$text" "$first" "$again" | awk '{
        printf "%-34s %9.0f %9.2f %9.3f %9.0f %9.2f\n", $1, $2 / 1024, $3,
            $3 * 1048576 / $2, $4 / 1024, $5 }'
done

# once CACHE RECIPE: milliseconds of a build, the least of twenty.
build_ms() {
    for _ in $(seq 20); do
        began=$(date +%s%N)
        XDG_CACHE_HOME=$1 "$pith" build "$2" -o "$work/out.tar" >/dev/null
        echo $(($(date +%s%N) - began))
    done | sort -n | awk 'NR == 1 { printf "%.1f", $1 / 1000000 }'
}

hello=$PWD/build/images/hello/amd64/hello
for words in "file:$PWD/images/hello/by-hand.policy" auto; do
    printf '%s\n' '[Image]' "Copy=$hello /app/hello" '[Service]' ExecStart=/app/hello \
        "SystemCallFilter=$words" >"$work/${words%%:*}.pith"
done
printf '\nbuilding hello, ms: by a policy %s, auto %s, auto again %s\n' \
    "$(build_ms /dev/null "$work/file.pith")" "$(build_ms /dev/null "$work/auto.pith")" \
    "$(build_ms "$work/cache" "$work/auto.pith")"
