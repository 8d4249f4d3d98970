#!/usr/bin/env bats
# The images under real podman and skopeo.

bats_require_minimum_version 1.5.0
load ../support/engines

setup_file() {
    needs podman runc skopeo curl
    setup_podman
    for image in hello probe pause; do
        podman_here load <"$IMAGES/$image.tar"
    done
}

teardown_file() {
    [ -n "${ENGINE:-}" ] || return 0
    podman_here pod rm -fa -t 0 >/dev/null 2>&1 || true
    podman_here rm -fa -t 0 >/dev/null 2>&1 || true
    remove_engine
}

@test "podman: load, run, call, stop gracefully" {
    local id
    id=$(podman_here run -d --network host localhost/hello --port 18917)
    run -0 answers http://127.0.0.1:18917/healthz
    [[ $output == *'"status":"ok"'* ]]
    podman_here stop -t 10 "$id"
    run -0 podman_here inspect -f '{{.State.ExitCode}}' "$id"
    [ "$output" = 0 ]
}

@test "podman: the acts of the probe, locked in" {
    run --separate-stderr -0 podman_here run --rm --network none \
        localhost/probe
    same_as_expected "$output"
    run --separate-stderr -0 podman_here run --rm --network none --read-only \
        --user 10001 --cap-drop ALL --security-opt no-new-privileges \
        localhost/probe
    same_as_expected "$output"
}

@test "skopeo: reads the file as an oci-archive and as a docker-archive" {
    for image in hello httpd probe; do
        skopeo --insecure-policy copy "oci-archive:$IMAGES/$image.tar" \
            "dir:$BATS_TEST_TMPDIR/oci-$image"
        skopeo --insecure-policy copy "docker-archive:$IMAGES/$image.tar" \
            "dir:$BATS_TEST_TMPDIR/docker-$image"
        run -0 skopeo inspect "oci-archive:$IMAGES/$image.tar"
        [[ $output == *'"Architecture": "amd64"'* ]]
    done
}

@test "skopeo: a copied image is the same image" {
    skopeo --insecure-policy copy "oci-archive:$IMAGES/hello.tar" \
        "oci:$BATS_TEST_TMPDIR/layout:hello"
    run -0 skopeo inspect --format '{{.Digest}}' \
        "oci:$BATS_TEST_TMPDIR/layout:hello"
    [ "$output" = "$("$PITH" inspect --json "$IMAGES/hello.tar" |
        jq -r .digest)" ]
}

@test "podman: a pod whose first container is our pause" {
    local pod=pod-$$ infra
    podman_here pod create --name "$pod" --network host --share pid,net,uts,ipc \
        --infra-image localhost/pause:latest
    podman_here run -d --pod "$pod" localhost/hello --port 18920
    run -0 answers http://127.0.0.1:18920/healthz
    [[ $output == *'"status":"ok"'* ]]
    infra=$(podman_here pod inspect -f '{{.InfraContainerID}}' "$pod")
    run -0 podman_here inspect -f '{{.ImageName}} {{.State.Running}} {{.Path}}' "$infra"
    [ "$output" = 'localhost/pause:latest true /init' ]
    podman_here pod stop -t 10 "$pod"
    # Each by itself, not killed.
    run -0 podman_here ps -a --filter "pod=$pod" --format '{{.Status}}'
    [ "$(grep -c '^Exited (0)' <<<"$output")" = 2 ]
    [ "$(wc -l <<<"$output")" = 2 ]
    podman_here pod rm "$pod"
}
