# How an attempt is started under pith, and bare. Sourced by tests/escape/run,
# which sets $top, $dir, $program and $names.

enter=$top/build/tests/support/enter

# make_root NAME: a root with /init and the attempts as a file, a copy and a
# setuid copy; with loader and libraries if they are dynamic.
make_root() {
    root=$dir/$1
    mkdir -p "$root/app" "$root/etc/pith"
    install -m 755 "$program" "$root/app/escape"
    install -m 755 "$program" "$root/app/escape.copy"
    install -m 4755 "$program" "$root/app/escape.suid"
    install -m 711 "$top/build/pith-init" "$root/init"
    install -m 755 "$top/build/tests/support/filtered" "$root/app/filtered"
    mkdir -m 1777 "$root/tmp"
    { ldd "$program" 2>/dev/null || :; } | grep -o '/[^ ]*' |
        while read -r library; do
            install -D -m 755 "$library" "$root$library"
        done
}

# lock NAME POLICY: as the image of a service with this policy has it.
lock() {
    make_root "$1"
    "$top/build/pith" profile compile "$2" -o "$root/etc/pith/service.bpf" \
        --program /app/escape="$root/app/escape" >/dev/null
    printf '[Service]\nUser=65532:65532\nSystemCallFilter=@default\n' \
        >"$root/etc/pith/service.conf"
}

# unlocked NAME: the same user, privileges and PID 1, and no filter.
unlocked() {
    make_root "$1"
    printf '[Service]\nUser=65532:65532\n' >"$root/etc/pith/service.conf"
}

# each COMMAND...: run COMMAND for each attempt of $names, which tells what
# came of it, or whose exit status tells how it died. 9 is a descriptor that the
# attempt inherits.
each() {
    for attempt in $names; do
        code=0
        probes=()
        [ "$attempt" != probe-mem-write ] || probes=(-p)
        "$enter" "${probes[@]}" "$@" --here "$attempt" 9<"$program" </dev/null \
            2>>"$dir/log" || code=$?
        case $code in
        0) ;;
        129 | 1[3-9]?) echo "$attempt killed SIG$(kill -l $((code - 128)))" ;;
        *) echo "$attempt lost exit $code" ;;
        esac
    done
}

# under_init NAME UID: the root NAME started anew for each attempt, as UID as an
# engine would. The attempt is the only child of a PID 1 of its own.
under_init() { each -u "$2" "$dir/$1" /init -- /app/escape; }

# under_filter NAME: under the filter of the root NAME, with all privileges.
under_filter() {
    each "$dir/$1" /app/filtered /etc/pith/service.bpf /app/escape
}

# Every attempt a child of this one PID 1, which has all privileges.
run_bare() {
    unlocked bare
    # shellcheck disable=SC2086 # names are words
    "$enter" -p "$dir/bare" /app/escape $names 9<"$dir/bare/app/escape" </dev/null \
        2>>"$dir/log"
}
