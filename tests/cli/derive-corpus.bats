#!/usr/bin/env bats
# pith profile derive over Debian's own programs, against their traces.

bats_require_minimum_version 1.5.0

@test "derive: programs of Debian: nothing missing, most of them exact" {
    [ "$(id -u)" = 0 ] || skip "needs root: traces run as nobody"
    run "$BATS_TEST_DIRNAME/../derive-corpus" 60 20
    echo "$output"
    [ "$status" = 0 ]
    [[ $output =~ exact\ ([0-9]+) ]]
    [ "${BASH_REMATCH[1]}" -ge 85 ]
    [[ $output =~ traced\ ([0-9]+) ]]
    [ "${BASH_REMATCH[1]}" -ge 30 ]
}
