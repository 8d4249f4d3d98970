#ifndef SECCOMP_OCI_JSON_H
#define SECCOMP_OCI_JSON_H

/* oci_json: the parts of a profile, for oci_import.c alone. */
#include <jansson.h>
#include <stdbool.h>

#include "seccomp/rule.h"

struct arch;
struct err;
struct oci_machine;

/* The member of that name, or NULL where there is none or it is null. */
const json_t *oci_member(const json_t *object, const char *key);

/* A member that is a string, or a list, or NULL; anything else is an error. */
int oci_text(const char **out, const json_t *object, const char *key,
	     struct err *err);
int oci_list(const json_t **out, const json_t *object, const char *key,
	     struct err *err);

/*
 * Whether an entry of a template is for this machine and container, by its
 * includes and excludes.
 */
int oci_is_meant(bool *out, const struct arch *arch,
		 const struct oci_machine *machine, const json_t *entry,
		 struct err *err);

/* Add what one object of "args" compares. */
int oci_argument(enum rule_added *added, struct rule *rule,
		 const struct arch *arch, const json_t *object,
		 struct err *err);

#endif
