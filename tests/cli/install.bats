#!/usr/bin/env bats
# make install, and the tool where it was installed.

bats_require_minimum_version 1.5.0

setup() {
    TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
}

@test "install: the tool finds its init and packs a program" {
    local to=$BATS_TEST_TMPDIR/to
    make -s -C "$TOP" install DESTDIR="$to" PREFIX=/opt/pith
    run -0 "$to/opt/pith/bin/pith" --version
    [ "$output" = "pith $(cat "$TOP/VERSION")" ]
    "$to/opt/pith/bin/pith" build "$TOP/build/images/hello/amd64/hello" \
        -o "$BATS_TEST_TMPDIR/hello.tar"
    [ -f "$to/opt/pith/share/man/man8/pith-init.8" ]
    make -s -C "$TOP" uninstall DESTDIR="$to" PREFIX=/opt/pith
    [ -z "$(find "$to" -type f)" ]
}

# The usage texts as lines of "VERB -o --option ...", sorted.
of_usage() {
    { "$TOP/build/pith" --help; "$TOP/build/pith" profile help; } |
        awk '/^  pith [a-z]/ && $3 != "VERB" {
            verb = $2 == "profile" ? $2 " " $3 : $2
            gsub(/[][|=.]/, " ")
            for (i = 3; i <= NF; i++)
                if ($i ~ /^--?[a-zA-Z]/)
                    print verb, $i == "OPTIONS" ? "" : $i
            print verb
        }' | sort -u
}

# What the page's synopsis says, likewise.
of_page() {
    awk '/^\.Sh/ { on = $2 == "SYNOPSIS"; next }
        !on { next }
        /^\.Nm/ { verb = ""; next }
        !verb && /^\.Cm/ {
            verb = $2 == "profile" ? $2 " " $3 : $2
            if (verb != "profile help") print verb
        }
        verb && verb != "profile help" {
            for (i = 2; i <= NF; i++)
                if ($i ~ /^-[a-z]/ || $(i - 1) ~ /Fl$/ && $i ~ /^[a-z]$/)
                    print verb, "-" $i
        }' "$TOP/docs/pith.1" | sort -u
}

# The same of what --help of each verb lists, which is what it is read by.
of_help() {
    local verb
    awk '{ print ($1 == "profile" ? $1 " " $2 : $1) }' "$1" | sort -u |
        while read -r verb; do
            echo "$verb"
            # shellcheck disable=SC2086
            "$TOP/build/pith" $verb --help | awk -v verb="$verb" '
                /^  -o, --output / { print verb, "-o"; next }
                /^  --/ { sub(/[[=].*/, "", $1); print verb, $1 }'
        done | sort -u
}

@test "usage: verbs and options are those of the manual page" {
    of_usage >"$BATS_TEST_TMPDIR/usage"
    of_page >"$BATS_TEST_TMPDIR/page"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/usage")" -gt 60 ]
    # Of these the usage says [OPTIONS], and the page says which.
    run -0 diff <(grep -vE '^(build|export|run|seal) ' "$BATS_TEST_TMPDIR/usage") \
        <(grep -vE '^(build|export|run|seal) ' "$BATS_TEST_TMPDIR/page")
    run -0 comm -23 "$BATS_TEST_TMPDIR/usage" "$BATS_TEST_TMPDIR/page"
    [ -z "$output" ]
    of_help "$BATS_TEST_TMPDIR/page" >"$BATS_TEST_TMPDIR/help"
    # "--" is no option, but stands before what is the program's.
    run -0 diff "$BATS_TEST_TMPDIR/help" <(grep -v -- ' --$' "$BATS_TEST_TMPDIR/page")
}

@test "usage: a short option that --help does not show is none" {
    of_page >"$BATS_TEST_TMPDIR/page"
    local verb letter
    awk '{ print ($1 == "profile" ? $1 " " $2 : $1) }' "$BATS_TEST_TMPDIR/page" | sort -u \
        >"$BATS_TEST_TMPDIR/verbs"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/verbs")" -ge 20 ]
    while read -r verb; do
        for letter in {a..n} {p..z}; do
            # shellcheck disable=SC2086
            run -2 "$TOP/build/pith" $verb "-$letter" x=y
            [ "${lines[0]}" = "pith: $verb: -$letter: unknown option" ]
        done
    done <"$BATS_TEST_TMPDIR/verbs"
}

@test "usage: every subcommand has one, from one table" {
    run -0 "$TOP/build/pith" --help
    local command commands
    commands=$(awk '/^  pith [a-z]/ { print $2 }' <<<"$output")
    [[ $commands == build*verify ]]
    for command in $commands; do
        "$TOP/build/pith" "$command" --help | grep -q "^usage: pith $command "
    done
    run -2 "$TOP/build/pith"
    run -2 "$TOP/build/pith" biuld
    [ "$output" = "pith: biuld: no such command; did you mean build?" ]
}

@test "make help lists the targets of the README" {
    run -0 make -s -C "$TOP" help
    local target targets
    targets=$(grep -oE '(`|^    )make [a-z]+' "$TOP/README.md" | awk '{ print $2 }')
    [[ $targets == *run*check* ]]
    for target in $targets lint uninstall clean; do
        [[ $output == *"make $target "* ]] || { echo "no $target"; false; }
    done
}
