#ifndef IMAGE_RUST_AUDIT_H
#define IMAGE_RUST_AUDIT_H

/*
 * rust_audit: the crates that a Rust program is made of, as cargo-auditable
 * notes them: JSON, packed by zlib, in the ELF section .dep-v0.
 */
#include <jansson.h>

#include "base/slice.h"

struct err;

enum { RUST_AUDIT_MAX = 8 * 1024 * 1024 }; /* bytes of the JSON */

/*
 * The document of a whole ELF file: {"packages":[{"name","version","source",
 * "kind", ...}]}. NULL where it has none, or, with *err filled, where it
 * cannot be read.
 */
json_t *rust_audit_read(struct slice file, struct err *err);

#endif
