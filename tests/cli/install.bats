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

@test "usage: every subcommand has one, from one table" {
    run -0 "$TOP/build/pith" --help
    for command in build diff export import-unit inspect lint profile run seal verify; do
        [[ $output == *"pith $command "* ]]
        "$TOP/build/pith" "$command" --help | grep -q "^usage: pith $command "
        # The manual page knows it, too.
        grep -q "^\.Cm $command" "$TOP/docs/pith.1"
    done
    run -2 "$TOP/build/pith"
    run -2 "$TOP/build/pith" biuld
    [ "$output" = "pith: biuld: no such command; did you mean build?" ]
}

@test "make help lists the targets of the README" {
    run -0 make -s -C "$TOP" help
    for target in run check bench lint install clean; do
        [[ $output == *"make $target "* ]]
    done
}
