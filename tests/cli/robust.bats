#!/usr/bin/env bats
# What a build leaves when it cannot finish: the old file or the new one, whole,
# and nothing else but, of one killed as it replaces a file, OUT.XXXXXX.tmp.
# KILLS=200 is the long form.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    export LC_ALL=C PITH=${PITH:-$PWD/build/pith} TOP=$PWD XDG_CACHE_HOME=/dev/null
    export KILLS=${KILLS:-20} BIN=$BATS_FILE_TMPDIR
    printf 'int main(void)\n{\n\treturn 0;\n}\n' >"$BIN/x.c"
    gcc -Os -s -static -o "$BIN/x" "$BIN/x.c"
    mkdir "$BIN/tree"
    for n in 1 2 3 4; do
        head -c 1500000 /dev/urandom >"$BIN/tree/$n"
    done
    for name in a b; do
        printf '%s\n' '[Image]' "Label=name=$name" 'Copy=x /app/x' 'Copy=tree /srv' '[Service]' \
            ExecStart=/app/x >"$BIN/$name.pith"
        "$PITH" build "$BIN/$name.pith" -o "$BIN/$name.tar" --level 1
    done
    # How long a build takes here: the kills are to come before its end.
    local begin=${EPOCHREALTIME/./}
    "$PITH" build "$BIN/a.pith" --level 1 -o "$BIN/timed.tar"
    export SPAN=$(((${EPOCHREALTIME/./} - begin) / 1000 + 1))
}

# pause [N]: until any moment of what takes as long as N builds.
pause() {
    local ms=$((RANDOM % (SPAN * ${1:-1})))
    sleep "$((ms / 1000)).$(printf %03d $((ms % 1000)))"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

@test "a full disk: the old file stays, wherever the room ends" {
    [ "$(id -u)" -eq 0 ] || skip "needs root to mount a small file system"
    mkdir small
    for size in 8k 64k 1m 3m 5m 6m; do
        mount -t tmpfs -o size=$size none small 2>/dev/null || skip "cannot mount here"
        echo old >small/x.tar
        run --separate-stderr "$PITH" build "$BIN/a.pith" --level 1 -o small/x.tar
        kept=$(cat small/x.tar) files=$(ls -A small)
        umount small
        [ "$status" -eq 1 ]
        [ "$kept" = old ] && [ "$files" = x.tar ]
        [[ "$stderr" = 'pith: '*'No space left on device' ]] && [ "$(wc -l <<<"$stderr")" -eq 1 ]
    done
}

@test "a full cache is no reason to fail" {
    [ "$(id -u)" -eq 0 ] || skip "needs root to mount a small file system"
    mkdir cache
    mount -t tmpfs -o size=64k,mode=700 none cache 2>/dev/null || skip "cannot mount here"
    status=0
    XDG_CACHE_HOME=$PWD/cache "$PITH" build "$BIN/a.pith" --level 1 -o x.tar || status=1
    left=$(find cache -name '*.tmp')
    umount cache
    [ "$status" -eq 0 ] && [ -z "$left" ]
    cmp x.tar "$BIN/a.tar"
}

@test "SIGKILL at any moment: the old file or the new one" {
    cp "$BIN/b.tar" x.tar
    killed=0
    for _ in $(seq "$KILLS"); do
        "$PITH" build "$BIN/a.pith" --level 1 -o x.tar >/dev/null &
        pid=$!
        pause
        ! kill -KILL $pid 2>/dev/null || killed=$((killed + 1))
        wait $pid || :
        cmp -s x.tar "$BIN/a.tar" || cmp x.tar "$BIN/b.tar"
        # And nothing but what is said to be left.
        for file in *; do
            [[ "$file" =~ ^x\.tar(\.[A-Za-z0-9]{6}\.tmp)?$ ]]
        done
        rm -f x.tar.*.tmp
        cp "$BIN/b.tar" x.tar
    done
    echo "$killed of $KILLS"
    [ "$killed" -gt 0 ]
}

@test "killed at any moment: the new file or nothing, where there was none" {
    python3 -c 'import os; os.open(".", os.O_TMPFILE | os.O_RDWR)' 2>/dev/null ||
        skip "files here cannot be without a name"
    killed=0
    for n in $(seq "$KILLS"); do
        signal=$([ $((n % 2)) = 0 ] && echo KILL || echo TERM)
        "$PITH" build "$BIN/a.pith" --level 1 -o x.tar >/dev/null &
        pid=$!
        pause
        ! kill -"$signal" $pid 2>/dev/null || killed=$((killed + 1))
        wait $pid || :
        [ -z "$(ls)" ] || { [ "$(ls)" = x.tar ] && cmp x.tar "$BIN/a.tar"; }
        rm -f x.tar
    done
    echo "$killed of $KILLS"
    [ "$killed" -gt 0 ]
}

@test "an output has the rights that umask leaves, and replaces what a link is" {
    (umask 027 && "$PITH" build "$BIN/a.pith" --level 1 -o x.tar)
    [ "$(stat -c %a x.tar)" = 640 ]
    (umask 022 && "$PITH" build "$BIN/a.pith" --level 1 -o x.tar)
    [ "$(stat -c %a x.tar)" = 644 ]
    ln -sf nowhere x.tar
    "$PITH" build "$BIN/a.pith" --level 1 -o x.tar
    [ ! -L x.tar ]
    cmp x.tar "$BIN/a.tar"
    [ "$(ls)" = x.tar ]
}

@test "a link to standard output, such as /dev/stdout, is no output and stays" {
    ln -s /proc/self/fd/1 out
    run -1 bash -c '"$1" build "$2" --level 1 -o out 2>&1 >file' - "$PITH" "$BIN/a.pith"
    [ "$output" = 'pith: out: leads to a standard stream; name the file' ]
    [ -L out ] && [ ! -s file ]
    [ "$(ls)" = $'file\nout' ]
}

@test "where no file can be without a name it has one meanwhile" {
    [ "$(id -u)" -eq 0 ] || skip "needs root to mount over /proc"
    unshare -m true 2>/dev/null || skip "no mount namespace here"
    unshare -m sh -c 'mount -t tmpfs none /proc && "$1" build "$2" --init "$3" --level 1 -o x.tar' - "$PITH" "$BIN/a.pith" \
        "${PITH%/*}/pith-init"
    cmp x.tar "$BIN/a.tar"
    [ "$(ls)" = x.tar ]
}

@test "SIGTERM, SIGINT and SIGHUP likewise" {
    for signal in TERM INT HUP; do
        cp "$BIN/b.tar" x.tar
        env --default-signal=INT,HUP "$PITH" build "$BIN/a.pith" --level 9 -o x.tar >/dev/null &
        pid=$!
        sleep 0.1
        kill -$signal $pid 2>/dev/null || :
        wait $pid || :
        cmp -s x.tar "$BIN/b.tar" || "$PITH" verify x.tar
        rm -f x.tar.*.tmp
    done
}

@test "nobody reads what it prints: the file is whole, and it fails" {
    # head is gone before pith prints.
    set +o pipefail
    { "$PITH" build "$BIN/a.pith" --level 1 -o x.tar 2>err; echo $? >code; } | :
    cmp x.tar "$BIN/a.tar"
    # SIGPIPE where that is the default, or a message.
    [ "$(cat code)" -eq 141 ] || grep -q 'write standard output' err
    run -1 bash -c "'$PITH' build '$BIN/a.pith' --level 1 -o x.tar >/dev/full"
    [[ "$output" = *'No space left on device' ]]
    cmp x.tar "$BIN/a.tar"
}

@test "two builds into one file: one of the two" {
    for _ in 1 2 3 4 5; do
        "$PITH" build "$BIN/a.pith" --level 1 -o x.tar >/dev/null &
        first=$!
        "$PITH" build "$BIN/b.pith" --level 1 -o x.tar >/dev/null
        wait $first
        cmp -s x.tar "$BIN/a.tar" || cmp x.tar "$BIN/b.tar"
        [ "$(ls)" = x.tar ]
    done
}

@test "verify --rebuild, killed at any moment, leaves nothing" {
    mkdir scratch
    killed=0
    for n in $(seq "$KILLS"); do
        signal=$([ $((n % 2)) = 0 ] && echo KILL || echo TERM)
        TMPDIR=$PWD/scratch "$PITH" verify --rebuild "$BIN/a.pith" "$BIN/a.tar" >/dev/null &
        pid=$!
        pause 4
        ! kill -"$signal" $pid 2>/dev/null || killed=$((killed + 1))
        wait $pid || :
        [ -z "$(ls -A scratch)" ]
    done
    [ "$killed" -gt 0 ]
}
