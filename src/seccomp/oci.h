#ifndef SECCOMP_OCI_H
#define SECCOMP_OCI_H

/*
 * oci: policies in the JSON of container engines: the runtime specification's
 * "linux.seccomp", and the templates that docker, containerd and podman make
 * it from (archMap, includes and excludes, errors by name).
 *
 * Reading is pure over bytes.
 */
#include <stdint.h>

#include "base/slice.h"

struct buf;
struct err;
struct policy;

/* What a template's includes and excludes ask about. */
struct oci_machine {
	struct slice caps; /* names that the container has: "CAP_A CAP_B" */
	uint32_t kernel;   /* major << 16 | minor; 0: as new as they come */
};

/*
 * Make *policy, which is set up but for its architecture, what the profile
 * says for that architecture, as runc and libseccomp understand it, with two
 * exceptions: of an int only the lower half is compared, and numbers without
 * a call get ENOSYS. What a policy cannot say is appended to notes, a line
 * each. policy_free() is owed on success.
 */
int oci_import(struct policy *policy, struct buf *notes, struct slice json,
	       const struct oci_machine *machine, struct err *err);

/*
 * Append the policy as linux.seccomp of the runtime specification. A rule
 * that the format cannot state is an error that names the call.
 */
int oci_export(struct buf *out, const struct policy *policy, struct err *err);

#endif
