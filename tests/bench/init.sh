#!/bin/sh
# What each PID 1 costs: its file, its start, its idleness. Run by scripts/bench.
set -eu
tools=$PWD/build/tests/bench
seconds=5 copies=21
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM

# The environment that docker run gives, for all: reading it costs as well.
clean() {
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        HOSTNAME=0123456789ab HOME=/root "$@"
}

# A root with a child that does nothing, twice: plain, and with a sandbox.
for root in plain locked; do
    mkdir -p "$dir/$root/app" "$dir/$root/etc"
    cp "$tools/nothing" "$dir/$root/app/nothing"
    cp build/pith-init "$dir/$root/init"
done
mkdir "$dir/locked/etc/pith"
build/pith profile compile images/hello/by-hand.policy \
    --program /app/nothing="$tools/nothing" \
    -o "$dir/locked/etc/pith/service.bpf" >/dev/null
cat >"$dir/locked/etc/pith/service.conf" <<'EOF'
[Service]
ExecStart=/app/nothing
User=65532
Group=65532
SystemCallFilter=file:hello.policy
LimitNOFILE=1024
EOF

# NAME|ROOT|FILE|COMMAND: the first is what the others are compared with.
ours='/init -- /app/nothing'
cat >"$dir/list" <<EOF
bare-child||$tools/nothing|$tools/nothing
pith-init|$dir/plain|$dir/plain/init|$ours
pith-init,locked-in|$dir/locked|$dir/locked/init|$ours
EOF
for peer in 'tini-static -s --' 'tini -s --' dumb-init 'catatonit --'; do
    path=$(command -v "${peer%% *}") || continue
    echo "${peer%% *}||$path|$path${peer#"${peer%% *}"} $tools/nothing"
done >>"$dir/list"

# All that is slow to wait for at once, for the rest has to be undisturbed.
set --
while IFS='|' read -r name root _ command; do
    # shellcheck disable=SC2086 # a command is words
    clean "$tools/idle" ${root:+-r "$root"} $seconds $copies $command hold \
        >"$dir/idle-$name" &
    set -- "$@" "${root:+$root|}$command"
done <"$dir/list"
wait
clean "$tools/start" "${ROUNDS:-500}" "$@" >"$dir/start"

printf '\nPID 1: start, run a static child that exits, end. i+c: by init + by child\n'
row() { printf '%-20s %7s %12s %7s %8s %7s %7s %6s %6s\n' "$@"; }
row init bytes insns-i+c calls dirty-KB rss-KB wall-us ratio woken
while IFS='|' read -r name root file command <&3 && read -r us ratio _ code <&4; do
    # shellcheck disable=SC2086 # a command is words
    clean "$tools/steps" ${root:+-r "$root"} $command >"$dir/steps"
    read -r init child calls_init calls_child <"$dir/steps"
    insns=$init+$child calls=$calls_init+$calls_child
    [ "$calls_child" != 0 ] || insns='-' calls='-'
    read -r dirty rss woken <"$dir/idle-$name"
    [ "$code" = 0 ] || name="$name(exit-$code)"
    row "$name" "$(wc -c <"$file")" "$insns" "$calls" "$dirty" "$rss" \
        "$us" "$ratio" "$woken"
done 3<"$dir/list" 4<"$dir/start"
printf 'calls: to the fork + to the execve; KB: idle, medians of %s; woken: times in %s idle s\n' \
    $copies $seconds
