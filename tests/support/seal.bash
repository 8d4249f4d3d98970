# What the tests of pith seal share: images that nobody sealed, and what is asked
# of those that are. PITH names another build of it; its pith-init is the one
# beside it.

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return
    export LC_ALL=C PITH=${PITH:-$PWD/build/pith} TOP=$PWD
    export MADE=$BATS_FILE_TMPDIR PYTHONPATH=$PWD/tests/support
    cd "$MADE" || return
    printf '%s\n' '#include <stdio.h>' 'int main(int argc, char **argv)' '{' \
        'while (argc--) puts(*argv++);' 'return 0;' '}' >x.c
    static_cc x
    gcc -Os -s -o dynamic x.c
    make_image x.tar
}

# A static program for this machine, by musl's compiler where there is one.
static_cc() {
    local cc=${MUSL_CC:-}
    [ -x "$cc" ] || cc=gcc
    "$cc" -Os -s -static -o "$1" x.c
}

# make_image OUT.tar [ENTRY] [CONFIG]: python's lists of more entries and of
# more layers, and a dict of the config.
make_image() {
    python3 - "$MADE" "$1" "${2:-[], []}" "${3:-{\}}" <<'PY'
import sys
from image import Image, directory, file, hardlink, layer, symlink
made, out, entries, config = sys.argv[1:]
X, DYNAMIC = open(made + "/x", "rb").read(), open(made + "/dynamic", "rb").read()
ARM = X[:18] + b"\xb7\0" + X[20:]
entries, layers = eval(entries)
base = [directory("./"), directory("etc", 0o750, gid=7), file("app/x", X, 0o755),
        file("etc/passwd", b"root:x:0:0::/:\nweb:x:101:102::/:\n"), file("etc/group", b"www:x:33:\n")]
config = {key: value for key, value in
          {"Entrypoint": ["/app/x"], **eval(config)}.items() if value is not None}
Image([layer(base + entries), *map(layer, layers)], config).write(out)
PY
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    mkdir work && cd work || return
}

# refused MESSAGE COMMAND...: exit 1, that message on one line, and no output.
refused() {
    local message=$1 before after
    shift
    before=$(find . | sort)
    run --separate-stderr "$@"
    after=$(find . | sort)
    [ "$status" -eq 1 ] && [[ "$stderr" = "pith: "$message ]] &&
        [ -z "$output" ] && [ "$before" = "$after" ] && return 0
    printf 'expected: %s\n     got: %s: %s\n%s\n' "$message" "$status" "$stderr" "$output"
    diff <(echo "$before") <(echo "$after")
    return 1
}

config() {
    tar xOf "$1" "$(tar xOf "$1" manifest.json | jq -r '.[0].Config')"
}

member() {
    tar xOf "$1" "$(tar xOf "$1" manifest.json | jq -r '.[0].Layers[-1]')" | tar xOzf - "$2"
}

# untouched IN OUT: the layers of IN are the lower ones of OUT, byte for byte.
untouched() {
    local layer
    diff <(config "$1" | jq '.rootfs.diff_ids') <(config "$2" | jq '.rootfs.diff_ids[:-1]')
    for layer in $(tar xOf "$1" manifest.json | jq -r '.[0].Layers[]'); do
        cmp <(tar xOf "$1" "$layer") <(tar xOf "$2" "blobs/sha256/$(tar xOf "$1" "$layer" | sha256sum | cut -d' ' -f1)")
    done
}
