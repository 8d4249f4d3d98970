#ifndef IMAGE_BUNDLE_H
#define IMAGE_BUNDLE_H

/*
 * bundle: the config.json that tells an OCI runtime how to start an image;
 * see config.md of the OCI runtime-spec.
 *
 * What an engine would give the program (proc, dev, sys, a tmpfs for shared
 * memory, names of hosts), in namespaces of its own except for the network,
 * which stays the host's: giving it another takes a daemon. No new privileges,
 * and no capability unless it starts as root.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;

struct bundle {
	const json_t *config; /* the image's config blob */
	char **args; /* replace the image's Cmd, unless arg_count is 0 */
	size_t arg_count;
	char **env; /* NAME=value, on top of the image's Env */
	size_t env_count;
	const char *user; /* UID[:GID] instead of the image's, or NULL */
	bool is_read_only;
	bool is_rootless; /* we are root of a user namespace only */
};

/*
 * Append the text of config.json; the root file system is "rootfs" beside it.
 * Fails where the image names no program, or its user by name.
 */
int bundle_config(struct buf *out, const struct bundle *bundle,
		  struct err *err);

#endif
