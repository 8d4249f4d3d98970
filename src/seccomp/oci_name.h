#ifndef SECCOMP_OCI_NAME_H
#define SECCOMP_OCI_NAME_H

/* oci_name: the words of the runtime specification, for oci_*.c alone. */
#include <stdbool.h>
#include <stdint.h>

struct arch;

enum oci_compare {
	OCI_NE,
	OCI_LT,
	OCI_LE,
	OCI_EQ,
	OCI_GE,
	OCI_GT,
	OCI_MASKED_EQ,
};

/* SECCOMP_RET_*, without data. Returns false for what is none. */
bool oci_action(uint32_t *action, const char *name);

/* The name of an action, or NULL. */
const char *oci_action_name(uint32_t action);

bool oci_compare(enum oci_compare *compare, const char *name);
const char *oci_compare_name(enum oci_compare compare);

/* "SCMP_ARCH_X86_64" */
const char *oci_arch_name(const struct arch *arch);

#endif
