#!/usr/bin/env bats
# pith-init between a shell with job control and a program, at a terminal.

bats_require_minimum_version 1.5.0
load ../support/init

setup() {
    OURS=$BATS_TEST_TMPDIR
    for name in tini catatonit; do
        ln -s "$PITH_INIT" "$OURS/$name"
    done
    ANSWER="$SUPPORT/witness answer"
    # What an interactive bash says last when it waits for a command.
    PROMPT='[#$] $'
    export TERM=dumb
    # until_stopped PID: that shell's child, fifteen seconds at the most.
    cat >"$BATS_TEST_TMPDIR/until_stopped" <<'SCRIPT'
for _ in $(seq 300); do
    case $(ps -o stat= --ppid "$1") in T*) exit 0 ;; esac
    sleep 0.05
done
exit 1
SCRIPT
}

terminal() { timeout 100 "$TOP/tests/support/terminal.py" "$@"; }

# shell: steps on standard input, at the terminal of an interactive shell.
shell() {
    (
        echo "expect $PROMPT"
        cat
    ) | terminal bash --norc --noprofile -i
}

each_init() {
    local init
    for init in "$PITH_INIT" "$PITH_INIT -c" "$OURS/tini" "$OURS/catatonit"; do
        echo "$init:"
        "$1" "$init --"
    done
}

# Keys come at a person's pace: with -c all of the job is stopped or continued
# at once, and init, which passes that on, may be the last to see it.
stop_and_go() {
    shell <<STEPS
send $1 $ANSWER\n
say one
sleep 0.2
send \x1a
expect Stopped.*\r\n.*$PROMPT
send jobs\n
expect Stopped.*\r\n.*$PROMPT
sleep 0.2
send fg\n
say two
sleep 0.2
send \x1a
expect Stopped.*\r\n.*$PROMPT
sleep 0.2
send fg\n
say three
send \x03
expect $PROMPT
send echo code \$?\n
expect code 130\r\n
STEPS
}

@test "jobs: Ctrl-Z stops the job, fg continues it, Ctrl-C ends it" {
    each_init stop_and_go
}

go_in_background() {
    shell <<STEPS
send $1 sh -c 'echo rea""dy; sleep 1; echo wor""ked; exec $ANSWER'\n
expect ready
sleep 0.3
send \x1a
expect Stopped.*\r\n.*$PROMPT
send bg\n
expect worked
do sh $BATS_TEST_TMPDIR/until_stopped \$PID
send \n
expect Stopped.*answer
sleep 0.2
send fg\n
say one
send \x04
expect $PROMPT
send echo code \$?\n
expect code 0\r\n
STEPS
}

@test "jobs: in the background it works until it reads; fg lets it" {
    each_init go_in_background
}

start_in_background() {
    shell <<STEPS
send $1 $ANSWER &\n
do sh $BATS_TEST_TMPDIR/until_stopped \$PID
send \n
expect Stopped.*answer
sleep 0.2
send fg\n
say one
send \x04
expect $PROMPT
STEPS
}

# By its own name the program is in a session of its own then.
@test "jobs: started in the background, it gets the terminal by fg" {
    local init
    for init in "$PITH_INIT -c" "$OURS/tini" "$OURS/catatonit"; do
        start_in_background "$init --"
    done
}

script_between() {
    shell <<STEPS
send sh -c '$1 $ANSWER; echo af""ter'\n
say one
sleep 0.2
send \x1a
expect Stopped.*\r\n.*$PROMPT
sleep 0.2
send fg\n
say two
send \x04
expect after
STEPS
}

@test "jobs: a script that called it stops and goes on with it" {
    each_init script_between
}

@test "jobs: all of the program's group stops and goes on" {
    local states=$BATS_TEST_TMPDIR/states
    # Of the group of that shell's grandchild.
    cat >"$states" <<'SCRIPT'
group=$(pgrep -P "$(pgrep -P "$1")")
ps -eo pgid=,stat= | awk -v g="$group" '$1 == g { printf "%s", substr($2, 1, 1) }'
SCRIPT
    shell <<STEPS
send $PITH_INIT -- sh -c 'sleep 50 & $ANSWER; kill \$!'\n
say one
do [ "\$(sh $states \$PID)" = SSS ]
send \x1a
expect Stopped.*\r\n.*$PROMPT
do [ "\$(sh $states \$PID)" = TTT ]
sleep 0.2
send fg\n
say two
do [ "\$(sh $states \$PID)" = SSS ]
send \x04
expect $PROMPT
STEPS
}

gives_back() {
    shell <<STEPS
send sh -c '$1 true; exec $ANSWER'\n
say one
STEPS
}

@test "jobs: the terminal comes back when the program has ended" {
    each_init gives_back
}

@test "jobs: where nobody could continue it Ctrl-Z does nothing" {
    needs_root
    local init
    # Leader of a session; PID 1 as an engine starts it; in its leader's group.
    for init in "exec $PITH_INIT" "exec $PITH_INIT -c" \
        "exec unshare --pid --fork --kill-child --mount-proc $PITH_INIT" \
        "$PITH_INIT"; do
        terminal sh -c "$init -- $ANSWER; exit \$?" <<'STEPS'
say one
sleep 0.2
send \x1a
say two
send \x03
exit 130
STEPS
    done
}

told_once() {
    # Twenty times: two may become one on the way.
    # shellcheck disable=SC2086  # words on purpose
    {
        echo 'expect ready'
        for _ in $(seq 20); do
            printf '%s\n' 'send \x03' 'expect signal 2 value' 'sleep 0.02'
        done
        printf '%s\n' 'never signal 2 value' 'do kill -USR2 $PID' 'exit 0'
    } | terminal $1 "$SUPPORT/victim" listen
}

@test "jobs: a key is told to the program once" {
    each_init told_once
}

@test "jobs: SIGSTOP for a program without the terminal stops no job" {
    shell <<STEPS
send $PITH_INIT -c -- $ANSWER\n
say one
do kill -STOP "\$(pgrep -P "\$(pgrep -P \$PID)")"
never Stopped
do kill -CONT "\$(pgrep -P \$PID)"
say two
STEPS
}

# So that these can fail: who passes no stop on keeps the terminal for good.
@test "jobs: under tini and catatonit Ctrl-Z hangs the terminal" {
    local init tried=
    for init in /usr/bin/tini /usr/bin/catatonit; do
        [ -x "$init" ] || continue
        tried=1
        shell <<STEPS
send $init -- $ANSWER\n
say one
sleep 0.2
send \x1a
never Stopped
STEPS
    done
    [ -n "$tried" ] || skip "no tini or catatonit; see scripts/setup"
}
